"""Images inside other files, read where they lie: `people.tar::a/1.jpg` is the file `a/1.jpg` of an archive."""

from facegap.data.containers.opening import KINDS, Container, container_of, is_container, member_exists, read_member
from facegap.data.containers.place import ContainerError, member_path, split_member

__all__ = [
    "KINDS",
    "Container",
    "ContainerError",
    "container_of",
    "is_container",
    "member_exists",
    "member_path",
    "read_member",
    "split_member",
]
