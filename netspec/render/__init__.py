"""A network as a picture: boxes and edges at a chosen depth, drawn as DOT, Mermaid, or rails of text."""

from netspec.render.box import Box as Box
from netspec.render.box import Scene as Scene
from netspec.render.draw import DRAWN as DRAWN
from netspec.render.draw import WRITTEN as WRITTEN
from netspec.render.draw import picture as picture
from netspec.render.engine import CancelledError as CancelledError
from netspec.render.engine import EngineError as EngineError
from netspec.render.opened_boxes import LevelFolds as LevelFolds
from netspec.render.scene import fitting_depth as fitting_depth
from netspec.render.scene import scene as scene
