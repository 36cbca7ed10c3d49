"""The project's go_test: rules_go's, with a size.

Gazelle writes no size, and Bazel takes a test without one for a medium one,
which may run for five minutes. Here a test is small (one minute, one core)
unless its BUILD file says otherwise; Gazelle keeps what it finds there.
"""

load("@io_bazel_rules_go//go:def.bzl", _go_test = "go_test")

def go_test(name, size = "small", **kwargs):
    _go_test(name = name, size = size, **kwargs)
