package usim

import (
	"bytes"
	"testing"

	"inkan/core/iso7816"
	"inkan/core/uicc"
	"inkan/sim/clock"
	"inkan/sim/nvm"
	"inkan/spec/req"
)

// where counts a value in a whole memory.
func where(f *nvm.Flash, value uicc.PIN) int {
	all := make([]byte, f.Size())
	f.Read(0, all)
	return bytes.Count(all, value[:])
}

// TestOldPINIsNowhere changes PINs at different places of their array, of which
// some lie across a page: wherever the power is cut, the next boot leaves one of
// the two values, once.
func TestOldPINIsNowhere(t *testing.T) {
	req.Covers(t, "SPEC-USIM-116", "SPEC-USIM-004")
	old, fresh, puk := uicc.PIN{0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8}, mustPIN("60718293"), mustPIN("19283746")
	crossed := 0
	for at := range maxKeys {
		var pins []PINConfig
		for i := range maxKeys {
			p := PINConfig{Key: uicc.KeyReference(i + 1), Value: uicc.PIN{byte(i), 0xEE}, Tries: 3, PUK: puk, PUKTries: 10, Free: true}
			if i == at {
				p.Value = old
			}
			pins = append(pins, p)
		}
		cfg := Config{Files: []File{directory(uicc.MF, -1, nil)}, PINs: pins}
		for _, cfg.Authentication = range []*Authentication{nil, &testAuth} { // the PINs lie elsewhere
			for _, cmd := range []uicc.Command{uicc.ChangePIN{Key: uicc.KeyReference(at + 1), Old: old, New: fresh}, unblock(uicc.KeyReference(at+1), puk, fresh)} {
				if replacePIN(t, cfg, cmd, old, fresh) > 2 {
					crossed++
				}
			}
		}
	}
	if crossed == 0 {
		t.Error("no PIN lay across a page")
	}
}

// replacePIN sends a command that replaces a PIN, looks at the memory after it and
// after all power cuts, and gives the number of page updates.
func replacePIN(t *testing.T, cfg Config, cmd uicc.Command, old, fresh uicc.PIN) int {
	t.Helper()
	c := cardOf(t, cfg, erased(t))
	if where(c.flash, old) != 1 {
		t.Fatal("the old PIN is not in the memory once")
	}
	var forks []*nvm.Flash
	c.flash.BeforeUpdate(func(uint32) { forks = append(forks, c.flash.ForkOn(new(clock.Clock), nil)) })
	c.do(cmd, iso7816.OK)
	c.flash.BeforeUpdate(nil)
	if where(c.flash, old) != 0 || where(c.flash, fresh) != 1 {
		t.Errorf("%T: the old one %d times, the new one %d times", cmd, where(c.flash, old), where(c.flash, fresh))
	}
	for i, f := range forks {
		again := cardOf(t, cfg, f)
		if where(again.flash, old)+where(again.flash, fresh) != 1 {
			t.Errorf("%T, cut %d of %d: the old one %d times, the new one %d times", cmd, i, len(forks), where(again.flash, old), where(again.flash, fresh))
		}
	}
	return len(forks)
}
