package capfile

import (
	"context"
	"os"

	"inkan/scenarios/capbuild"
)

// raw is the content of a CAP file, or the CAP file that a folder of sources or
// class files gives.
func raw(name string) ([]byte, error) {
	if info, err := os.Stat(name); err != nil || !info.IsDir() {
		return os.ReadFile(name)
	}
	b, err := capbuild.Build(context.Background(), capbuild.Input{Paths: []string{name}})
	if err != nil {
		return nil, err
	}
	return b.CAP, nil
}
