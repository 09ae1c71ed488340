"""A network as a picture: boxes and edges at a chosen depth, drawn as DOT, Mermaid, or rails of text."""

from netspec.picture.box import Box as Box
from netspec.picture.box import Scene as Scene
from netspec.picture.draw import DRAWN as DRAWN
from netspec.picture.draw import WRITTEN as WRITTEN
from netspec.picture.draw import picture as picture
from netspec.picture.engine import CancelledError as CancelledError
from netspec.picture.engine import EngineError as EngineError
from netspec.picture.scene import fitting_depth as fitting_depth
from netspec.picture.scene import scene as scene
