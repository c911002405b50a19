"""Nodes of ROS: programs that wait for pictures of others and answer them."""

from __future__ import annotations

import ast

from registry_app.inference.code.source import Source

_LIBRARIES = ("rospy", "rclpy")
# What makes a node of ROS 1, and keeps one of ROS 2 alive.
_STARTS = ("init_node", "spin")


def is_ros_node(source: Source) -> bool:
    """Whether a script itself starts a node of ROS."""
    starts = any(source.calls(*_STARTS))
    imported = {alias.name for node in source.nodes(ast.Import) for alias in node.names}
    return starts and not imported.isdisjoint(_LIBRARIES)
