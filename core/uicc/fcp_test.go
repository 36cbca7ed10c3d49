package uicc

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/wire"
	"inkan/spec/req"
)

func TestFCPForms(t *testing.T) {
	req.Covers(t, "SPEC-USIM-010", "SPEC-USIM-011", "SPEC-USIM-012", "SPEC-USIM-013")
	f, err := DecodeFCP(unhex(t, "621C 8A0104 8302 6F3C 82024221 C0020102 AB00 C609 900180 830101 830181"))
	if err != nil || f.Descriptor.Structure != LinearFixed || f.ID != EFSMS || f.LifeCycle != Deactivated || f.SFI != SFIFromFileID || f.Size != -1 {
		t.Errorf("%+v, %v", f, err)
	}
	if want := []PINStatus{{PIN1, true}, {PIN2, false}}; len(f.PINs) != 2 || f.PINs[0] != want[0] || f.PINs[1] != want[1] {
		t.Errorf("%+v", f.PINs)
	}
	if got := f.Append(nil); !bytes.Contains(got, unhex(t, "82024221")) {
		t.Errorf("%X", got)
	}
	for sfi, want := range map[SFI]string{NoSFI: "8800", 7: "880138", 30: "8801F0", SFIFromFileID: ""} {
		g := FCP{ID: EFIMSI, LifeCycle: Activated, Size: 9, SFI: sfi, Descriptor: Descriptor{Structure: Transparent}}
		out := g.Append(nil)
		if !bytes.HasSuffix(out, append(unhex(t, "80020009"), unhex(t, want)...)) {
			t.Errorf("SFI %d: %X", sfi, out)
		}
		if again, err := DecodeFCP(out); err != nil || again.SFI != sfi {
			t.Errorf("SFI %d: %+v, %v", sfi, again, err)
		}
	}
	var many FCP
	for i := range MaxPINs + 2 {
		many.PINs = append(many.PINs, PINStatus{KeyReference(i + 1), i%3 == 0})
	}
	again, err := DecodeFCP(many.Append(nil))
	if err != nil || len(again.PINs) != MaxPINs || !again.PINs[15].Enabled || again.PINs[14].Enabled {
		t.Errorf("%+v, %v", again.PINs, err)
	}
}

func TestFCPRejects(t *testing.T) {
	req.Covers(t, "SPEC-USIM-010")
	for _, bad := range []string{"", "6F00", "6200", "620482024121", "620483026F07", "620982024521830 26F07", "620982024122 83026F07",
		"620983026F07 8203412100", "620A82054221000E 0283026F07", "620B82024121 83036F0700 88", "62098202412183026F07 00",
		"620D82024121 83026F07 C6039001", "621082024121 83026F07 C606 900300 0000 00"} {
		var d *wire.DecodeError
		if _, err := DecodeFCP(unhex(t, bad)); !errors.As(err, &d) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
