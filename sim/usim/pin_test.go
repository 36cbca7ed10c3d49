package usim

import (
	"testing"

	"inkan/core/iso7816"
	"inkan/core/uicc"
	"inkan/spec/req"
)

var wrongPIN = mustPIN("0000")

func verify(k uicc.KeyReference, p uicc.PIN) uicc.Command { return uicc.VerifyPIN{Key: k, Value: &p} }

func unblock(k uicc.KeyReference, puk, pin uicc.PIN) uicc.Command {
	return uicc.UnblockPIN{Key: k, Values: &[2]uicc.PIN{puk, pin}}
}

// readsIMSI tells whether EF IMSI, which wants PIN1, can be read.
func (c *card) readsIMSI(want bool) {
	c.t.Helper()
	sw := iso7816.SecurityStatusNotSatisfied
	if want {
		sw = iso7816.OK
	}
	c.do(uicc.Select{By: uicc.ByName, Name: testUSIM}, iso7816.OK)
	c.do(uicc.ReadBinary{SFI: 7}, sw)
}

func TestVerify(t *testing.T) {
	req.Covers(t, "SPEC-USIM-102", "SPEC-USIM-104", "SPEC-USIM-105", "SPEC-USIM-107", "SPEC-USIM-003")
	c := newCard(t, options{})
	c.readsIMSI(false)
	c.do(uicc.VerifyPIN{Key: uicc.PIN1}, iso7816.WithTries(3))
	c.verify(uicc.PIN1, iso7816.OK)
	c.readsIMSI(true)
	c.do(uicc.VerifyPIN{Key: uicc.PIN1}, iso7816.WithTries(3))
	c.do(verify(uicc.PIN1, wrongPIN), iso7816.WithTries(2))
	c.readsIMSI(false)
	c.verify(uicc.PIN1, iso7816.OK)
	c.do(uicc.VerifyPIN{Key: uicc.PIN1}, iso7816.WithTries(3))
	c.reset()
	c.readsIMSI(false)
	for _, n := range []int{2, 1, 0} {
		c.do(verify(uicc.PIN1, wrongPIN), iso7816.WithTries(n))
	}
	c.reset()
	c.do(uicc.VerifyPIN{Key: uicc.PIN1}, iso7816.AuthenticationBlocked)
	c.verify(uicc.PIN1, iso7816.AuthenticationBlocked)
	c.readsIMSI(false)
	c.send("00200101 -> 6A86", "00200003 -> 6A88", "0020000107 31323334FFFFFF -> 6700", "0024000108 31323334FFFFFFFF -> 6700",
		"0026000100 -> 6700", "00260102 -> 6A86", "002C000108 31323334FFFFFFFF -> 6700", "00200081 -> 63C3", "0020000A -> 63C5")
}

func TestUnblock(t *testing.T) {
	req.Covers(t, "SPEC-USIM-107", "SPEC-USIM-112", "SPEC-USIM-113", "SPEC-USIM-101", "SPEC-USIM-105")
	c := newCard(t, options{})
	for range 3 {
		c.raw([]byte{0, 0x20, 0, 1, 8, 0, 0, 0, 0, 0, 0, 0, 0})
	}
	c.do(uicc.UnblockPIN{Key: uicc.PIN1}, iso7816.WithTries(10))
	c.do(unblock(uicc.PIN1, wrongPIN, testPIN1), iso7816.WithTries(9))
	c.do(unblock(uicc.PIN1, testPUK1, mustPIN("12")), iso7816.WrongData)
	c.do(uicc.UnblockPIN{Key: uicc.PIN1}, iso7816.WithTries(9))
	c.do(uicc.VerifyPIN{Key: uicc.PIN1}, iso7816.AuthenticationBlocked)
	fresh := mustPIN("97531")
	c.do(unblock(uicc.PIN1, testPUK1, fresh), iso7816.OK)
	c.readsIMSI(true)
	c.do(uicc.UnblockPIN{Key: uicc.PIN1}, iso7816.WithTries(10))
	c.do(uicc.VerifyPIN{Key: uicc.PIN1}, iso7816.WithTries(3))
	c.reset()
	c.do(verify(uicc.PIN1, testPIN1), iso7816.WithTries(2))
	c.do(verify(uicc.PIN1, fresh), iso7816.OK)
	for n := 9; n >= 0; n-- {
		c.do(unblock(uicc.PIN1, wrongPIN, fresh), iso7816.WithTries(n))
	}
	c.do(unblock(uicc.PIN1, testPUK1, fresh), iso7816.AuthenticationBlocked)
	c.do(uicc.UnblockPIN{Key: uicc.PIN1}, iso7816.AuthenticationBlocked)
	c.do(verify(uicc.PIN1, fresh), iso7816.OK) // the PIN itself works on
	c.do(uicc.UnblockPIN{Key: uicc.ADM1}, iso7816.ReferencedDataNotFound)
	c.do(unblock(uicc.ADM1, testADM, testADM), iso7816.ReferencedDataNotFound)
}

func TestChange(t *testing.T) {
	req.Covers(t, "SPEC-USIM-101", "SPEC-USIM-104", "SPEC-USIM-109", "SPEC-USIM-108")
	c := newCard(t, options{})
	fresh := mustPIN("2468")
	c.do(uicc.ChangePIN{Key: uicc.PIN1, Old: wrongPIN, New: fresh}, iso7816.WithTries(2))
	c.do(uicc.ChangePIN{Key: uicc.PIN1, Old: testPIN1, New: mustPIN("12x4")}, iso7816.WrongData)
	c.do(uicc.VerifyPIN{Key: uicc.PIN1}, iso7816.WithTries(2))
	c.do(uicc.ChangePIN{Key: uicc.PIN1, Old: testPIN1, New: fresh}, iso7816.OK)
	c.readsIMSI(true)
	c.reset()
	c.do(verify(uicc.PIN1, testPIN1), iso7816.WithTries(2))
	c.do(verify(uicc.PIN1, fresh), iso7816.OK)
	adm := uicc.PIN{1, 2, 3, 4, 5, 6, 7, 8} // free of the form of a PIN
	c.do(uicc.ChangePIN{Key: uicc.ADM1, Old: testADM, New: adm}, iso7816.OK)
	c.do(verify(uicc.ADM1, adm), iso7816.OK)
	c.do(uicc.DisablePIN{Key: uicc.PIN1, Value: fresh}, iso7816.OK)
	c.do(uicc.ChangePIN{Key: uicc.PIN1, Old: fresh, New: testPIN1}, iso7816.ReferenceDataNotUsable)
}

func TestDisable(t *testing.T) {
	req.Covers(t, "SPEC-USIM-108", "SPEC-USIM-110", "SPEC-USIM-111", "SPEC-USIM-112")
	c := newCard(t, options{})
	c.do(uicc.EnablePIN{Key: uicc.PIN1, Value: testPIN1}, iso7816.ReferenceDataNotUsable)
	c.do(uicc.DisablePIN{Key: uicc.PIN2, Value: testPIN2}, iso7816.ReferenceDataNotUsable)
	c.do(uicc.DisablePIN{Key: uicc.ADM1, Value: wrongPIN}, iso7816.ReferenceDataNotUsable)
	c.do(uicc.VerifyPIN{Key: uicc.ADM1}, iso7816.WithTries(5))
	c.do(uicc.DisablePIN{Key: uicc.PIN1, Value: wrongPIN}, iso7816.WithTries(2))
	c.readsIMSI(false)
	c.do(uicc.DisablePIN{Key: uicc.PIN1, Value: testPIN1}, iso7816.OK)
	c.reset()
	c.readsIMSI(true)
	if f := c.fcp(byID(uicc.MF), iso7816.OK); f.PINs[0].Enabled || !f.PINs[1].Enabled {
		t.Errorf("%+v", f.PINs)
	}
	c.verify(uicc.PIN1, iso7816.ReferenceDataNotUsable)
	c.do(uicc.DisablePIN{Key: uicc.PIN1, Value: testPIN1}, iso7816.ReferenceDataNotUsable)
	c.do(uicc.VerifyPIN{Key: uicc.PIN1}, iso7816.WithTries(3))
	c.do(uicc.EnablePIN{Key: uicc.PIN1, Value: wrongPIN}, iso7816.WithTries(2))
	c.do(uicc.EnablePIN{Key: uicc.PIN1, Value: testPIN1}, iso7816.OK)
	c.reset()
	c.readsIMSI(false)
	c.do(uicc.DisablePIN{Key: uicc.PIN1, Value: testPIN1}, iso7816.OK)
	c.do(unblock(uicc.PIN1, testPUK1, testPIN1), iso7816.OK) // enables
	c.reset()
	c.readsIMSI(false)
}

// cycles of one command on a fresh boot of the same memory.
func cyclesOf(t *testing.T, c *card, cmd uicc.Command) uint64 {
	t.Helper()
	again := newCard(t, options{flash: c.Machine().Flash()})
	start := again.k.Now()
	a, err := cmd.APDU(nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := a.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	again.raw(b)
	return again.k.Now() - start
}

// TestPINTime: a comparison costs the same wherever the values differ, and
// whatever they are.
func TestPINTime(t *testing.T) {
	req.Covers(t, "SPEC-USIM-106")
	c := newCard(t, options{})
	for _, k := range []struct {
		key   uicc.KeyReference
		value uicc.PIN
		cmd   func(p uicc.PIN) uicc.Command
	}{
		{uicc.PIN1, testPIN1, func(p uicc.PIN) uicc.Command { return verify(uicc.PIN1, p) }},
		{uicc.ADM1, testADM, func(p uicc.PIN) uicc.Command { return verify(uicc.ADM1, p) }},
		{uicc.PIN1, testPUK1, func(p uicc.PIN) uicc.Command { return unblock(uicc.PIN1, p, testPIN1) }},
		{uicc.PIN1, testPIN1, func(p uicc.PIN) uicc.Command { return uicc.ChangePIN{Key: uicc.PIN1, Old: p, New: testPIN1} }},
	} {
		wrong := cyclesOf(t, c, k.cmd(uicc.PIN{}))
		for i := range k.value {
			p := k.value
			p[i] ^= 0x10
			if got := cyclesOf(t, c, k.cmd(p)); got != wrong {
				t.Errorf("key %02X, byte %d: %d cycles, all wrong %d", byte(k.key), i, got, wrong)
			}
		}
		if right := cyclesOf(t, c, k.cmd(k.value)); right <= wrong {
			t.Errorf("key %02X: right %d cycles, wrong %d: the counter was not written twice", byte(k.key), right, wrong)
		}
	}
}
