package personalise

import (
	"errors"
	"testing"

	"inkan/core/iso7816"
	"inkan/core/jpki"
	applet "inkan/sim/applets/jpki"
	"inkan/sim/runtime"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// The applet takes and refuses the same install parameters as the host.
func TestInstallParametersOfVectors(t *testing.T) {
	req.Covers(t, "SPEC-JPKI-AP-007")
	m, err := NewModel(ModelConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Card.Load(applet.CAP); err != nil {
		t.Fatal(err)
	}
	instance := jpki.AIDInstance.Append(nil)
	for _, v := range vectors.Load[edgeVector](t, "jpki-ap.json") {
		if v.Kind != "install" {
			continue
		}
		_, err := m.Card.Install(jpki.AIDPackage.Append(nil), jpki.AIDModule.Append(nil), instance, v.Bytes)
		if v.Fail == "" {
			if err != nil {
				t.Errorf("%s: %v", v.Name, err)
			} else if err := m.Card.Delete(instance, false); err != nil {
				t.Fatal(err)
			}
			continue
		}
		var refused *runtime.InstallError
		if !errors.As(err, &refused) || refused.Status() != iso7816.WrongData {
			t.Errorf("%s: %v, want 6A80", v.Name, err)
		}
	}
}
