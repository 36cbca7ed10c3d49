package bare

import (
	"errors"
	"testing"

	"inkan/core/cap"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/sim/clock"
	"inkan/sim/engine"
	"inkan/sim/nvm"
	"inkan/sim/runtime"
	"inkan/sim/vm"
	"inkan/spec/req"
)

// TestUninstall: a deletion that is refused has told the applet nevertheless,
// and left it as it is. Common.uninstall of the theme sets a count to zero.
func TestUninstall(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-046", "SPEC-RUNTIME-044")
	card := with(t, Config{Protocol: 1}, "multi")
	exchanges(t, card, selectAlpha+" -> 09F0696E6B616E431201 9000", "8010000002 -> 00C9 9000")
	alpha := unhex(t, "F0696E6B616E431201")
	if err := card.Delete(alpha, false); !errors.Is(err, runtime.ErrActive) {
		t.Errorf("selected: %v", err)
	}
	send(t, card, "00A4040000")
	if err := card.Delete(alpha, false); !errors.Is(err, runtime.ErrReferenced) {
		t.Errorf("referenced: %v", err)
	}
	exchanges(t, card, selectAlpha+" -> 09F0696E6B616E431201 9000", "8010000002 -> 0001 9000")
}

// TestTearingDeletion cuts the power at every page update of a deletion.
func TestTearingDeletion(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-045", "SPEC-RUNTIME-011")
	card, forks, stop := forking(t)
	s := &script{t, "multi", "305", card}
	for _, line := range lines(t, "multi")[:3] {
		if err := s.run(line); err != nil {
			t.Fatal(err)
		}
	}
	*forks = (*forks)[:0]
	pkg := unhex(t, "F0696E6B616E4312")
	if err := card.Delete(pkg, true); err != nil {
		t.Fatal(err)
	}
	card.Machine().CollectIfRequested()
	stop()
	complete, gone := 0, 0
	for i, flash := range *forks {
		c := revive(t, flash)
		switch n := len(c.Applets()); {
		case n == 2 && len(c.Machine().Packages()) == 1:
			exchanges(t, c, selectAlpha+" -> 09F0696E6B616E431201 9000", selectBeta+" -> 09F0696E6B616E431202 9000", "8014000002 -> 0015 9000")
			complete++
		case n == 0:
			if err := c.Delete(pkg, true); err != nil && !errors.Is(err, runtime.ErrNoApplet) {
				t.Errorf("cut %d: %v", i, err)
			}
			s := &script{t, "multi", "305", c}
			for _, line := range lines(t, "multi")[:3] {
				if err := s.run(line); err != nil {
					t.Fatalf("cut %d: again: %v", i, err)
				}
			}
			gone++
		default:
			t.Errorf("cut %d: %d applets, %d packages", i, n, len(c.Machine().Packages()))
		}
	}
	if complete == 0 || gone == 0 {
		t.Errorf("%d cuts before, %d after", complete, gone)
	}
}

// TestMutated loads a package with one byte of its code changed, for each byte:
// it is refused with nothing stored, or it is sound and can be removed.
func TestMutated(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-048", "SPEC-RUNTIME-114")
	components, err := cap.Split(capFile(t, "flow", "305"))
	if err != nil {
		t.Fatal(err)
	}
	card, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	free, refused := card.Machine().FreeBytes(), 0
	for i := range components {
		c := &components[i]
		for at := 0; at < len(c.Info) && c.Tag == cap.TagMethod; at += 3 {
			was := c.Info[at]
			c.Info[at] ^= 0x5A
			p, err := card.Card.Load(components)
			c.Info[at] = was
			var verify *runtime.VerifyError
			if errors.As(err, &verify) {
				refused++
			}
			if err == nil {
				if err := card.Delete(p.Info().AID, false); err != nil {
					t.Fatal(err)
				}
			}
			if got := card.Machine().FreeBytes(); got != free {
				t.Fatalf("byte %d (%v): %d bytes free of %d", at, err, got, free)
			}
		}
	}
	if refused < 100 {
		t.Errorf("%d refused", refused)
	}
}

func TestLifeCycle(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-087")
	card := with(t, Config{}, "io", "pin")
	p := (*platform)(card)
	io, pin := card.Applets()[0], card.Applets()[1]
	for _, c := range []struct {
		by    *runtime.Applet
		state byte
		want  bool
	}{{io, 0x0F, true}, {io, 0x1F, true}, {io, 0x03, false}, {io, 0x0B, false}, {pin, 0x0F, false}, {pin, 0x80, false}, {io, 0x80, true}, {io, 0x0F, false}} {
		if got := p.SetLifeCycle(c.by, io, c.state); got != c.want {
			t.Errorf("state %02X: %v", c.state, got)
		}
	}
	if p.LifeCycle(io) != 0x9F || p.MaySelect(io) || !p.MaySelect(pin) {
		t.Errorf("after locking: %02X", p.LifeCycle(io))
	}
	if p.SetCardState(io, byte(gp.CardLocked)) {
		t.Error("an applet without the privilege locked the card")
	}
}

// TestSmallMemory loads and installs on cards of rising size: where the memory
// does not suffice, the error says so and nothing stays.
func TestSmallMemory(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-041", "SPEC-RUNTIME-043")
	loads, installs := 0, 0
	for size := uint32(3 << 10); size <= 12<<10; size += 256 {
		k := new(clock.Clock)
		geometry := engine.Reference().NVM
		geometry.SizeBytes = size
		flash, err := nvm.NewFlash(geometry, k, nil)
		if err != nil {
			t.Fatal(err)
		}
		card, err := New(Config{Clock: k, Flash: flash})
		if err != nil {
			continue // no room for the journal
		}
		free := card.Machine().FreeBytes()
		p, err := card.Load(capFile(t, "trans", "305"))
		if err != nil {
			if !errors.Is(err, vm.ErrNoMemory) || card.Machine().FreeBytes() != free {
				t.Fatalf("%d bytes: %v, %d of %d bytes free", size, err, card.Machine().FreeBytes(), free)
			}
			loads++
			continue
		}
		free = card.Machine().FreeBytes()
		a := p.Applets()[0].AID
		if _, err = card.Install(p.Info().AID, a, a, nil); err == nil {
			exchanges(t, card, "00A4040009F0696E6B616E430901 -> 9000", "8030000016 -> 00000000000000000000000000000000000000000000 9000")
			continue
		}
		var thrown *runtime.InstallError
		if !errors.Is(err, iso7816.NotEnoughMemory) && !(errors.As(err, &thrown) && thrown.Status() == iso7816.NoPreciseDiagnosis) {
			t.Fatalf("%d bytes: %v", size, err)
		}
		if got := card.Machine().FreeBytes(); got != free || len(card.Applets()) != 0 {
			t.Fatalf("%d bytes: %v: %d of %d bytes free", size, err, got, free)
		}
		installs++
	}
	if loads == 0 || installs == 0 {
		t.Errorf("%d loads and %d installations failed for memory", loads, installs)
	}
}

// TestDefault installs in two steps, an applet that a reset selects.
func TestDefault(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-014")
	card, secured := open(t, Config{Protocol: 1}, 1)
	loadThrough(t, secured, "multi", multiAID)
	module := gp.MustAID("F0696E6B616E431202")
	exchange(t, secured, gp.Install{Purpose: gp.ForInstall, LoadFile: multiAID, Module: module, Application: module,
		HasPrivileges: true, Privileges: gp.CardReset}, iso7816.OK)
	exchanges(t, card, "00A4040009F0696E6B616E431202 -> 6A82") // installed, not selectable
	secured = reopen(t, card, 1)
	exchange(t, secured, gp.Install{Purpose: gp.ForMakeSelectable, Application: module}, iso7816.OK)
	exchange(t, secured, gp.Install{Purpose: gp.ForMakeSelectable, Application: module}, iso7816.ConditionsNotSatisfied)
	if _, err := card.Reset(ctx, true); err != nil {
		t.Fatal(err)
	}
	exchanges(t, card, "8022000002 -> 0002 9000", "8010000002 -> 0065 9000") // Beta; its select was called
	if err := card.PowerOff(); err != nil {
		t.Fatal(err)
	}
	if _, err := card.Transmit(ctx, unhex(t, "8022000002"), nil); err != runtime.ErrOff {
		t.Errorf("without power: %v", err)
	}
}

// TestLongParameters: the length of the install parameters is a byte, negative
// above 127. Beta of the theme copies so many bytes if they are fewer than six,
// which a negative length is.
func TestLongParameters(t *testing.T) {
	req.Covers(t, "SPEC-RUNTIME-040", "SPEC-RUNTIME-043")
	card, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := card.Load(capFile(t, "multi", "305"))
	if err != nil {
		t.Fatal(err)
	}
	beta := p.Applets()[1].AID
	var thrown *runtime.InstallError
	_, err = card.Install(p.Info().AID, beta, beta, make([]byte, 150))
	if !errors.As(err, &thrown) || thrown.Exception.Class.Name() != "java/lang/ArrayIndexOutOfBoundsException" {
		t.Errorf("150 bytes: %v", err)
	}
	if _, err = card.Install(p.Info().AID, beta, beta, make([]byte, 100)); err != nil {
		t.Errorf("100 bytes: %v", err)
	}
}
