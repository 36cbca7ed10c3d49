package terminal

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
	if err := Write(os.Stdout, r, Options{}); err != nil {
		t.Fatal(err)
	}
}
