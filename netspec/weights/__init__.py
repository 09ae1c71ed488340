"""Files of weights, looked at from their headers alone: no torch, and nothing of them is run."""

from netspec.weights.checkpoint import Checkpoint as Checkpoint
from netspec.weights.checkpoint import WeightsError as WeightsError
from netspec.weights.reading import read_checkpoint as read_checkpoint
