package tidy

import (
	"path"
	"regexp"
	"strings"
)

// wordRule is a pattern that no text file of the tree may hold. The patterns are
// written so that they do not match themselves.
type wordRule struct {
	pattern *regexp.Regexp
	text    string
}

var wordRules = []wordRule{
	{
		regexp.MustCompile(`(?:^|[^\w.})/$*-])/(?:work|farm|root|home/[a-z]+|Users)/`),
		"absolute path of one machine",
	},
	{
		regexp.MustCompile(`\b(?:(?:proxy|sum|index)\.golang|goproxy|(?:deb|snapshot|security)\.debian|registry\.npmjs|` +
			`(?:files\.)?python(?:hosted)|pypi|crates|rubygems|repo[0-9]?\.maven|repo\.maven\.apache|index\.docker|gcr)\.(?:org|io|com|cn)\b`),
		"host name of a package registry: whoever builds has a registry of their own",
	},
	{
		regexp.MustCompile(`\b(?:TO` + `DO|FIX` + `ME)\b`),
		"unfinished work",
	},
}

// Words reports forbidden words in text files, except in what quotes others: the
// LICENSE and patches.
func Words(t *Tree) []Problem {
	var problems []Problem
	for _, name := range sortedKeys(t.Texts) {
		if name == "LICENSE" || path.Ext(name) == ".patch" {
			continue
		}
		text := t.Texts[name]
		for _, rule := range wordRules {
			if !rule.pattern.MatchString(text) {
				continue
			}
			for i, line := range strings.Split(text, "\n") {
				if word := rule.pattern.FindString(line); word != "" {
					problems = append(problems, Problem{name, i + 1, rule.text + ": " + strings.TrimSpace(word)})
				}
			}
		}
	}
	return problems
}
