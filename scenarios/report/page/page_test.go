package page

import (
	"os"
	"testing"

	"inkan/scenarios/report/sample"
)

func TestLook(t *testing.T) {
	r, err := sample.Run(sample.Config{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create("/tmp/report.html")
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(f, r); err != nil {
		t.Fatal(err)
	}
}
