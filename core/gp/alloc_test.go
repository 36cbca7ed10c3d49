package gp

import (
	"testing"

	"inkan/core/apdu"
)

func checkNoAllocation(t *testing.T, what string, f func()) {
	t.Helper()
	if n := testing.AllocsPerRun(100, f); n != 0 {
		t.Errorf("%s: %v allocations", what, n)
	}
}

// TestNoAllocation holds the decoders of card and host to no allocation per
// operation.
func TestNoAllocation(t *testing.T) {
	buf := make([]byte, 0, 512)
	block := make([]byte, 240)
	load := apdu.Command{CLA: 0x80, INS: InsLoad, Data: block}
	checkNoAllocation(t, "LOAD", func() {
		l, err := DecodeLoad(&load)
		if err != nil || len(l.Data) != len(block) {
			t.Fatal(err)
		}
		if _, err := l.APDU(buf); err != nil {
			t.Fatal(err)
		}
	})
	store := apdu.Command{CLA: 0x80, INS: InsStoreData, P1: 0x88, Data: []byte{0x01, 0x01, 0x02, 0xAA, 0xBB}}
	sequence := NewStoreDataSequence(64)
	checkNoAllocation(t, "STORE DATA", func() {
		s, err := DecodeStoreData(&store)
		if err != nil {
			t.Fatal(err)
		}
		if done, err := sequence.Add(&s); !done || err != nil {
			t.Fatal(err)
		}
	})
	in, err := Install{Purpose: ForInstall, LoadFile: AIDCASD, Module: AIDCASD, Application: AIDCASD, Parameters: []byte{0xC9, 0}}.APDU(nil)
	if err != nil {
		t.Fatal(err)
	}
	checkNoAllocation(t, "INSTALL", func() {
		if _, err := DecodeInstall(&in); err != nil {
			t.Fatal(err)
		}
	})
	status := apdu.Command{CLA: 0x80, INS: InsGetStatus, P1: 0x40, P2: 2, Data: []byte{0x4F, 0, 0x5C, 3, 0x4F, 0x9F, 0x70}}
	checkNoAllocation(t, "GET STATUS", func() {
		if _, err := DecodeGetStatus(&status); err != nil {
			t.Fatal(err)
		}
	})
}

// TestStatusNoAllocation walks over a listing with modules and writes it again.
func TestStatusNoAllocation(t *testing.T) {
	g := GetStatus{Subset: SubsetLoadFilesAndModules}
	e := Entry{Kind: KindLoadFile, AID: AIDSecurityDomainPackage, LifeCycle: Loaded, Version: []byte{1, 0},
		Modules: []AID{AIDSecurityDomainModule, AIDCASD}, SecurityDomain: AIDIssuerSecurityDomain}
	list := encodeStatus(t, &g, []Entry{e, e, e})
	out := make([]byte, 0, 2*len(list))
	var got Entry
	checkNoAllocation(t, "entries", func() {
		r := NewStatusReader(&g, list)
		count := 0
		again := out
		for r.Next(&got) {
			var err error
			if again, err = g.AppendEntry(again, &got); err != nil {
				t.Fatal(err)
			}
			count++
		}
		if count != 3 || len(again) != len(list) || r.Err() != nil {
			t.Fatal(count, r.Err())
		}
	})
}
