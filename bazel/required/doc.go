// Package required holds one test per module that go.mod requires, each of
// which does with it what the project needs it for: the store that survives a
// power cut, the comparison of values, the generated properties, the
// cryptography outside the standard library.
//
// A module that builds and works here does so in the plain Go build and in the
// Bazel build alike, where another rule turns go.mod into repositories. It must
// not know any room of the project, and implements no spec.
package required
