// Package double is a registry in memory for tests of whoever publishes status:
// it has certificates with a state and nothing else, and no rules. It keeps the
// promises of status.Registry and status.View, so that lists and
// responses can be compared with it.
//
// It must not know lists or responses. It implements spec/STATUS.md §Registry.
package double
