// Package tidy checks what a compiler does not: which room may import which,
// that BUILD files say what the Go sources say, how long a file may be, what is
// documented, and which words have no business in the tree.
//
// Its rules are data, each check is a function from a Tree to Problems, and
// each has a test with a bad tree made up for it. It must not know what any
// package does. It implements the rules of spec/decisions/0006-build.md.
package tidy
