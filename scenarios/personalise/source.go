package personalise

import (
	"context"
	"fmt"
	"os"

	"inkan/core/cap"
	"inkan/core/jpki"
	"inkan/scenarios/capbuild"
)

// LoadFile is the load file of the application: of a CAP file in any form, or
// built from a folder with its source. It fails for another package than the
// application's.
func LoadFile(ctx context.Context, path string) ([]byte, error) {
	f, err := capFile(ctx, path)
	if err != nil {
		return nil, err
	}
	if aid := fmt.Sprintf("%X", f.Header.Package.AID); aid != jpki.AIDPackage.String() {
		return nil, fmt.Errorf("%s: package %s is not the JPKI application, which is %v", path, aid, jpki.AIDPackage)
	}
	return f.LoadFile(nil, f.Descriptor != nil), nil
}

func capFile(ctx context.Context, path string) (*cap.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		built, err := capbuild.Build(ctx, capbuild.Input{Paths: []string{path}})
		if err != nil {
			return nil, err
		}
		return built.File, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := cap.Open(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}
