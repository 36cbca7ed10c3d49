package tidy

import "testing"

// The bad words are put together here, so that this file does not hold them.
func TestWordsReports(t *testing.T) {
	made{
		"README.md":     "see /" + "work/main/x and `/" + "root/go`\nhttps://proxy." + "golang.org/x\n",
		"sim/x/x.go":    "package x\n\n// TO" + "DO: all\n",
		"LICENSE":       "/" + "root/x\n",
		"bazel/x.patch": "// TO" + "DO\n",
		"spec/A.md":     "core/work/x, ../root/x, path/home/x, DF/EF/root/, TODOS, golang.org/x/crypto\n",
	}.reports(t, Words,
		"README.md:1: absolute path of one machine: /"+"work/",
		"README.md:2: host name of a package registry: whoever builds has a registry of their own: proxy."+"golang.org",
		"sim/x/x.go:3: unfinished work: TO"+"DO")
}
