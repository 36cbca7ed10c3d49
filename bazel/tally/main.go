// Command tally reads the build event file of a `bazel test` (JSON, one event a
// line, as --build_event_json_file writes it) and prints how many tests passed,
// failed and were skipped. It knows nothing of the project, and implements no
// spec.
//
// Exit codes: 0 counted, 2 no such file or no event file.
package main

import (
	"fmt"
	"net/url"
	"os"
)

func main() {
	if len(os.Args) != 2 {
		fail("want one argument, a build event file")
	}
	events, err := os.Open(os.Args[1])
	if err != nil {
		// Bazel stopped before it wrote any: that is a failure to count.
		fmt.Println(Count{Failed: 1})
		fail(err)
	}
	count, err := Tally(events, openURI)
	if err != nil {
		fmt.Println(Count{Failed: 1})
		fail(err)
	}
	fmt.Println(count)
}

func fail(why any) {
	fmt.Fprintln(os.Stderr, "tally:", why)
	os.Exit(2)
}

func openURI(uri string) ([]byte, error) {
	location, err := url.Parse(uri)
	if err != nil {
		return nil, err
	}
	if location.Scheme != "file" {
		return nil, fmt.Errorf("%s is not a file here", uri)
	}
	return os.ReadFile(location.Path)
}
