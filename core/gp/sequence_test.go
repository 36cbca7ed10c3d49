package gp

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/tlv"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

type storeDataVector struct {
	vectors.Header
	Data      vectors.Hex   `json:"data"`
	Structure string        `json:"structure"` // "DGI", "BER-TLV"
	Size      int           `json:"sizeBytes"` // of each block
	APDUs     []vectors.Hex `json:"apdus"`     // P1 P2 Lc of each
}

func TestStoreDataVectors(t *testing.T) {
	structures := map[string]DataStructure{"": StructureNotSaid, "DGI": StructureDGI, "BER-TLV": StructureBERTLV}
	for _, v := range vectors.Load[storeDataVector](t, "gp-commands-store-data.json") {
		t.Run(v.Name, func(t *testing.T) {
			blocks, err := StoreDataBlocks(v.Data, v.Size, StoreData{Structure: structures[v.Structure]})
			if err != nil {
				t.Fatal(err)
			}
			s := NewStoreDataSequence(len(v.Data))
			i, done := 0, false
			for b := range blocks {
				c, err := b.APDU(nil)
				if err != nil || i == len(v.APDUs) || !bytes.Equal([]byte{c.P1, c.P2, byte(len(c.Data))}, v.APDUs[i]) {
					t.Fatalf("block %d is %X, %v", i, []byte{c.P1, c.P2, byte(len(c.Data))}, err)
				}
				if done, err = s.Add(&b); err != nil && v.Fail == "" {
					t.Fatal(err)
				}
				i++
			}
			if v.Fail != "" {
				if done || s.Active() {
					t.Error("a broken structure was taken")
				}
				return
			}
			if !done || i != len(v.APDUs) || !bytes.Equal(s.Data(), v.Data) {
				t.Errorf("%d blocks, done %v, %X", i, done, s.Data())
			}
		})
	}
}

func TestStoreDataRoundTrip(t *testing.T) {
	req.Covers(t, "SPEC-GP-127", "SPEC-GP-128")
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 255).Draw(t, "size")
		data := rapid.SliceOfN(rapid.Byte(), 1, min(1200, 256*size-5)).Draw(t, "data")
		dgi := tlv.AppendDGI(nil, 0x0101, data)
		blocks, err := StoreDataBlocks(dgi, size, StoreData{Structure: StructureDGI, Encryption: EncryptionDEK})
		if err != nil {
			t.Fatal(err)
		}
		s := NewStoreDataSequence(len(dgi))
		for range 2 { // the second sequence begins by itself
			count, done := 0, false
			for b := range blocks {
				if done {
					t.Fatal("a block after the last")
				}
				if done, err = s.Add(&b); err != nil {
					t.Fatal(err)
				}
				count++
			}
			if !done || !bytes.Equal(s.Data(), dgi) || count != (len(dgi)+size-1)/size || s.Form().Encryption != EncryptionDEK {
				t.Fatalf("%d blocks: %X", count, s.Data())
			}
		}
	})
}

func TestStoreDataLimits(t *testing.T) {
	req.Covers(t, "SPEC-GP-127")
	for _, c := range []struct {
		n, size int
		ok      bool
	}{{0, 10, false}, {256, 1, true}, {257, 1, false}, {10, 0, false}, {10, 256, false}, {256 * 255, 255, true}, {256*255 + 1, 255, false}} {
		if _, err := StoreDataBlocks(make([]byte, c.n), c.size, StoreData{}); (err == nil) != c.ok {
			t.Errorf("%d bytes in blocks of %d: %v", c.n, c.size, err)
		}
	}
}

// TestStoreDataRefused asserts the status word of every refusal and that
// nothing of the sequence survives it.
func TestStoreDataRefused(t *testing.T) {
	req.Covers(t, "SPEC-GP-129", "SPEC-GP-130", "SPEC-GP-131", "SPEC-GP-132")
	first := StoreData{Structure: StructureDGI, Data: []byte{0x01, 0x01, 0x04, 0xAA}}
	for name, c := range map[string]struct {
		next StoreData
		want iso7816.SW
	}{
		"repeated number":  {StoreData{Structure: StructureDGI, Number: 0, Data: []byte{1}}, 0x6A86},
		"skipped number":   {StoreData{Structure: StructureDGI, Number: 2, Data: []byte{1}}, 0x6A86},
		"other structure":  {StoreData{Structure: StructureBERTLV, Number: 1, Data: []byte{1}}, 0x6A86},
		"other encryption": {StoreData{Structure: StructureDGI, Encryption: EncryptionDEK, Number: 1, Data: []byte{1}}, 0x6A86},
		"over the limit":   {StoreData{Structure: StructureDGI, Number: 1, Data: make([]byte, 5)}, 0x6A84},
		"cut structure":    {StoreData{Structure: StructureDGI, Number: 1, Last: true, Data: []byte{1}}, 0x6A80},
	} {
		s := NewStoreDataSequence(8)
		if done, err := s.Add(&first); done || err != nil || !s.Active() {
			t.Fatal(done, err)
		}
		done, err := s.Add(&c.next)
		if done || StatusOf(err) != c.want || s.Active() || len(s.Data()) != 0 {
			t.Errorf("%s: done %v, %v (%v)", name, done, err, StatusOf(err))
		}
		if _, err := s.Add(&first); err != nil {
			t.Errorf("%s: a new sequence: %v", name, err)
		}
	}
	ber := NewStoreDataSequence(8)
	if _, err := ber.Add(&StoreData{Last: true, Structure: StructureBERTLV, Data: []byte{0x4F, 0x02, 0}}); StatusOf(err) != 0x6A80 {
		t.Errorf("cut BER-TLV: %v", err)
	}
}

func TestStoreDataTooManyBlocks(t *testing.T) {
	req.Covers(t, "SPEC-GP-129")
	s := NewStoreDataSequence(1000)
	for i := range 256 {
		if _, err := s.Add(&StoreData{Number: byte(i), Data: []byte{1}}); err != nil {
			t.Fatal(i, err)
		}
	}
	if _, err := s.Add(&StoreData{Number: 0, Data: []byte{1}}); StatusOf(err) != 0x6A86 {
		t.Errorf("block 257: %v", err)
	}
}

func TestChain(t *testing.T) {
	req.Covers(t, "SPEC-GP-107", "SPEC-GP-108")
	rapid.Check(t, func(t *rapid.T) {
		in := Install{Purpose: ForLoad, LoadFile: drawAID(t, "aid"), Token: rapid.SliceOfN(rapid.Byte(), 128, 512).Draw(t, "token")}
		whole, err := in.APDU(nil)
		if err != nil {
			t.Fatal(err)
		}
		size := rapid.IntRange(1, 255).Draw(t, "size")
		parts, err := Split(whole, size)
		if err != nil {
			t.Fatal(err)
		}
		j := NewJoiner(len(whole.Data))
		seen := 0
		for part := range parts {
			raw, err := part.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			if part, err = apdu.DecodeCommand(raw); err != nil {
				t.Fatal(err)
			}
			joined, done, err := j.Add(&part)
			seen += len(part.Data)
			if err != nil || done != (seen == len(whole.Data)) {
				t.Fatal(done, err)
			}
			if !done {
				continue
			}
			out, err := DecodeInstall(&joined)
			if err != nil || !bytes.Equal(out.Token, in.Token) || out.LoadFile != in.LoadFile {
				t.Fatalf("%+v, %v", out, err)
			}
		}
		if j.Active() {
			t.Error("still active")
		}
	})
}

func TestChainRefused(t *testing.T) {
	req.Covers(t, "SPEC-GP-109")
	first := apdu.Command{CLA: 0x80, INS: InsInstall, P1: 0x82, Data: []byte{1, 2, 3}}
	for name, c := range map[string]struct {
		next apdu.Command
		want iso7816.SW
	}{
		"other P1":       {apdu.Command{CLA: 0x80, INS: InsInstall, P1: 0x0C, Data: []byte{1}}, 0x6A86},
		"other P2":       {apdu.Command{CLA: 0x80, INS: InsInstall, P1: 0x02, P2: 1, Data: []byte{1}}, 0x6A86},
		"no data":        {apdu.Command{CLA: 0x80, INS: InsInstall, P1: 0x02}, 0x6700},
		"over the limit": {apdu.Command{CLA: 0x80, INS: InsInstall, P1: 0x02, Data: []byte{1, 2}}, 0x6A84},
	} {
		j := NewJoiner(4)
		if _, whole, err := j.Add(&first); whole || err != nil || !j.Active() {
			t.Fatal(whole, err)
		}
		if _, whole, err := j.Add(&c.next); whole || StatusOf(err) != c.want || j.Active() {
			t.Errorf("%s: %v, %v", name, whole, err)
		}
	}
	j := NewJoiner(4)
	if _, _, err := j.Add(&first); err != nil {
		t.Fatal(err)
	}
	foreign := apdu.Command{CLA: 0x80, INS: InsDelete, P1: 0x02, Data: []byte{4}}
	if got, whole, err := j.Add(&foreign); !whole || err != nil || len(got.Data) != 1 || j.Active() {
		t.Errorf("another instruction that chains: %+v, %v, %v", got, whole, err)
	}
	if _, _, err := j.Add(&first); err != nil {
		t.Fatal(err)
	}
	other := apdu.Command{CLA: 0x80, INS: InsGetStatus, P1: 0x80, Data: []byte{0x4F, 0}}
	if got, whole, err := j.Add(&other); !whole || err != nil || got.INS != InsGetStatus || j.Active() {
		t.Errorf("another instruction: %+v, %v, %v", got, whole, err)
	}
	if _, err := Split(other, 10); err == nil {
		t.Error("GET STATUS was split")
	}
}

// TestJoinerWipes has a whole chain, whose data may be keys: Reset leaves none
// of it behind.
func TestJoinerWipes(t *testing.T) {
	j := NewJoiner(8)
	for _, p1 := range []byte{0x80, 0x00} {
		c := apdu.Command{CLA: 0x80, INS: InsPutKey, P1: p1, P2: 1, Data: []byte{1, 2, 3, 4}}
		joined, whole, err := j.Add(&c)
		if err != nil || whole != (p1 == 0) {
			t.Fatal(whole, err)
		}
		if whole {
			j.Reset()
			if !bytes.Equal(joined.Data, make([]byte, 8)) {
				t.Errorf("% X", joined.Data)
			}
		}
	}
}

// TestGrowthWipes joins a chain and a sequence in small parts: no array that
// was outgrown keeps anything, and none is larger than the limit.
func TestGrowthWipes(t *testing.T) {
	req.Covers(t, "SPEC-GP-133")
	const limit = 200
	j, s := NewJoiner(limit), NewStoreDataSequence(limit)
	var old [][]byte
	keep := func(b []byte) {
		if n := len(old); b != nil && (n == 0 || &old[n-1][0] != &b[:1][0]) {
			old = append(old, b[:cap(b)])
		}
	}
	check := func(now []byte) {
		t.Helper()
		if len(old) < 5 || len(now) != limit || cap(now) != limit || bytes.Contains(now, []byte{0}) {
			t.Errorf("%d arrays, %d bytes of %d", len(old), len(now), cap(now))
		}
		for i, b := range old[:len(old)-1] {
			if !bytes.Equal(b, make([]byte, len(b))) {
				t.Errorf("array %d of %d bytes: % X", i, len(b), b)
			}
		}
		old = nil
	}
	for range limit / 2 {
		if _, _, err := j.Add(&apdu.Command{CLA: 0x80, INS: InsPutKey, P1: 0x80, Data: []byte{0xAB, 0xCD}}); err != nil {
			t.Fatal(err)
		}
		keep(j.data)
	}
	check(j.data)
	for i := range limit / 2 {
		if _, err := s.Add(&StoreData{Number: byte(i), Data: []byte{0xAB, 0xCD}}); err != nil {
			t.Fatal(err)
		}
		keep(s.data)
	}
	check(s.data)
}

func TestCPLCDate(t *testing.T) {
	req.Covers(t, "SPEC-GP-074")
	for _, c := range []struct {
		field               uint16
		todayYear, todayDay int
		year, day           int
		ok                  bool
	}{ // GlobalPlatformPro TestParseTags: 29 July 2021 is day 210
		{0x1210, 2021, 211, 2021, 210, true},
		{0x1210, 2021, 210, 2021, 210, true},
		{0x1210, 2021, 209, 2011, 210, true},
		{0x0000, 2021, 209, 0, 0, false},
		{0x1410, 2021, 209, 0, 0, false},
		{0x4366, 2026, 1, 2024, 366, true},
		{0x5366, 2026, 1, 0, 0, false},
		{0xFFFF, 2026, 1, 0, 0, false},
	} {
		y, d, ok := CPLCDate(c.field, c.todayYear, c.todayDay)
		if y != c.year || d != c.day || ok != c.ok {
			t.Errorf("%04X: %d %d %v", c.field, y, d, ok)
		}
	}
}

func TestDataObject(t *testing.T) {
	req.Covers(t, "SPEC-GP-066")
	if v, err := DecodeDataObject([]byte{0x42, 2, 0x12, 0x34}, TagIIN); err != nil || !bytes.Equal(v, []byte{0x12, 0x34}) {
		t.Errorf("%X, %v", v, err)
	}
	for _, b := range [][]byte{nil, {0x45, 0}, {0x42, 1}, {0x42, 0, 0x42, 0}, {0x42, 0, 0}} {
		var fault *wire.DecodeError
		if _, err := DecodeDataObject(b, TagIIN); !errors.As(err, &fault) {
			t.Errorf("%X: %v", b, err)
		}
	}
}
