// Package trace reads the requirement blocks of spec/*.md and everything in the
// tree that cites them, checks the rules, and writes spec/TRACE.txt. Nothing is
// run: Go sources are parsed, vectors and scripts are read.
//
// It must not know what any requirement means. It implements spec/README.md
// §Requirements and §Citing a requirement.
package trace
