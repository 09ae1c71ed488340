"""From generated source to a live `nn.Module`. Nothing outside this folder imports torch."""

from netspec.build.module import build as build
