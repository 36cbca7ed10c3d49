package os

import (
	"testing"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
	"inkan/core/scp/scp80"
	"inkan/sim/vm"
	"inkan/spec/req"
)

// TestFragments: an applet leaves the memory in pieces too small for a counter, and
// locks nobody out.
func TestFragments(t *testing.T) {
	req.Covers(t, "SPEC-JCVM-086", "SPEC-JCVM-087")
	set := keySet(1, 0x51)
	card := withOTA(t, set, keys.AES, Config{})
	host := open(t, card, gp.AID{}, channelOf{version: 0x30})
	loadPIN(t, host)
	installPIN(t, host, pinModule)
	m, context := card.Machine(), card.Applet(pinModule.Append(nil)).Context
	take := func(bytes int16, keep func(n int) bool) {
		for n := 0; ; n++ {
			if m.Try(func() {
				if r := m.NewArray(context, vm.ByteArray, bytes); keep(n) {
					m.AddRoot(r)
				}
			}) != nil {
				return
			}
		}
	}
	take(8192, func(int) bool { return true })
	take(1, func(n int) bool { return n%2 == 0 })
	m.RequestObjectDeletion()
	m.CollectIfRequested() // every second one
	for size := int16(1024); size > 8; size /= 2 {
		take(size, func(int) bool { return true })
	}
	t.Logf("%d bytes free, the largest object has %d", m.FreeBytes(), m.LargestFreeBytes())
	for range 3 {
		open(t, card, gp.AID{}, channelOf{version: 0x30})
	}
	h := server(t, set, fullSPI, scp80.AES, new(memoryCounter))
	for range 3 {
		run(t, card, h, scp80.TARIssuerSD, expanded(t, gp.GetData{Tag: gp.TagKeyInformation}))
	}
	host = open(t, card, gp.AID{}, channelOf{version: 0x30})
	do(t, host, gp.SetStatus{Scope: gp.ScopeApplication, State: gp.Selectable.Lock(), AID: pinModule}, iso7816.OK)
	do(t, host, gp.Delete{AID: pinModule}, iso7816.OK)
}
