package content_test

import (
	"crypto/sha256"
	"testing"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/tsm/mno/content"
)

var scope = content.Scope{Domain: []byte("domain-1"), Packages: [][]byte{[]byte("package-1")}, Modules: [][]byte{[]byte("module-1")}, Instances: [][]byte{[]byte("instance-1")},
	Hashes: [][32]byte{{}}}

// FuzzCovers: whatever an SP-TSM asks a token for, what gets one is one of the
// commands of the table, with nothing but what was agreed on.
func FuzzCovers(f *testing.F) {
	install := gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: gp.MustAID("7061636B6167652D31"), Module: gp.MustAID("6D6F64756C652D31"), Application: gp.MustAID("696E7374616E63652D31")}
	load := gp.Install{Purpose: gp.ForLoad, LoadFile: gp.MustAID("7061636B6167652D31"), SecurityDomain: gp.MustAID("646F6D61696E2D31"), Hash: make([]byte, 32)}
	for _, i := range []gp.Install{install, load} {
		c, err := i.Unsigned(nil)
		if err != nil {
			f.Fatal(err)
		}
		raw, err := c.Append(nil)
		if err != nil {
			f.Fatal(err)
		}
		if err := scope.Covers(&c); err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	c, err := gp.Delete{AID: gp.MustAID("696E7374616E63652D31")}.APDU(nil)
	if err != nil {
		f.Fatal(err)
	}
	raw, err := c.Append(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := apdu.DecodeCommand(raw)
		if err != nil || scope.Covers(&c) != nil {
			return
		}
		if c.CLA != gp.ClassGlobalPlatform || c.INS != gp.InsInstall && c.INS != gp.InsDelete {
			t.Fatalf("covered: %X", raw)
		}
		if _, err := content.Receipt(&c, scope.Domain); err != nil {
			t.Fatalf("no receipt for what is covered: %v, %X", err, raw)
		}
		if c.INS == gp.InsDelete {
			d, err := gp.DecodeDelete(&c)
			if err != nil || d.AID.String() != "696E7374616E63652D31" && d.AID.String() != "7061636B6167652D31" {
				t.Fatalf("covered: %X", raw)
			}
		}
	})
}

// FuzzLoadFile: what opens has the hash that was announced, and loads.
func FuzzLoadFile(f *testing.F) {
	raw, err := (&gp.LoadFile{Content: []byte("content")}).Append(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, hash := range [][32]byte{sha256.Sum256([]byte("content")), {}} {
			x, err := content.OpenLoadFile(raw, hash, nil)
			if err != nil {
				continue
			}
			if sha256.Sum256(x.Content) != hash {
				t.Fatal("another hash")
			}
			if _, err := content.Load(x, []byte("package-1"), []byte("domain-1"), 200); err != nil && len(x.Content) > 0 {
				t.Fatal(err)
			}
		}
	})
}
