package gp_test

import (
	"bytes"
	"crypto"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

type loadFileVector struct {
	vectors.Header
	File     vectors.Hex   `json:"file"`
	Content  vectors.Hex   `json:"content"`
	Block    int           `json:"block"`
	Blocks   int           `json:"blocks"`
	DAPs     []vectors.Hex `json:"daps"`
	Ciphered bool          `json:"ciphered"`
	ICV      vectors.Hex   `json:"icv"`
}

// recorder is a LoadFileSink that keeps everything.
type recorder struct {
	file   gp.LoadFile
	size   int
	begins int
	chunk  int // longest chunk
	fail   error
}

func (r *recorder) DAP(d gp.DAPBlock) error {
	d.Signature = bytes.Clone(d.Signature)
	r.file.DAPs = append(r.file.DAPs, d)
	return nil
}
func (r *recorder) ICV(icv []byte) error { r.file.ICV = bytes.Clone(icv); return nil }
func (r *recorder) Begin(ciphered bool, size int) error {
	r.file.Ciphered, r.size, r.begins = ciphered, size, r.begins+1
	return r.fail
}
func (r *recorder) Content(chunk []byte) error {
	r.file.Content = append(r.file.Content, chunk...)
	r.chunk = max(r.chunk, len(chunk))
	return nil
}

func loadAll(r *gp.LoadFileReader, file []byte, size int) (blocks int, err error) {
	seq, err := gp.LoadBlocks(file, size)
	if err != nil {
		return 0, err
	}
	for b := range seq {
		blocks++
		if err := r.Add(&b); err != nil {
			return blocks, err
		}
	}
	return blocks, nil
}

func TestLoadFileVectors(t *testing.T) {
	for _, v := range vectors.Load[loadFileVector](t, "gp-content-loadfile.json") {
		t.Run(v.Name, func(t *testing.T) {
			f, err := gp.DecodeLoadFile(v.File)
			if v.Fail != "" {
				checkLoadFailure(t, v, err)
				return
			}
			if err != nil || !bytes.Equal(f.Content, v.Content) || f.Ciphered != v.Ciphered || !bytes.Equal(f.ICV, v.ICV) || len(f.DAPs) != len(v.DAPs) {
				t.Fatalf("DecodeLoadFile = %+v, %v", f, err)
			}
			for i, d := range f.DAPs {
				if !bytes.Equal(d.SecurityDomain.Append(nil), v.DAPs[i]) {
					t.Errorf("DAP %d of %v", i, d.SecurityDomain)
				}
			}
			again, err := f.Append([]byte{1, 2})
			if err != nil || !bytes.Equal(again[2:], v.File) {
				t.Fatalf("Append = %X, %v", again, err)
			}
			var sink recorder
			r := gp.NewLoadFileReader(&sink)
			n, err := loadAll(r, v.File, v.Block)
			if err != nil || n != v.Blocks || !r.Done() || !bytes.Equal(sink.file.Content, v.Content) || sink.size != len(v.Content) || sink.begins != 1 {
				t.Fatalf("%d blocks, %v, done %v, %d bytes", n, err, r.Done(), len(sink.file.Content))
			}
			checkLoadFileCuts(t, v.File)
		})
	}
}

// checkLoadFailure: the fault is the one expected, is the same however the
// file is cut, answers 6A80, and sticks.
func checkLoadFailure(t *testing.T, v loadFileVector, err error) {
	t.Helper()
	var whole *wire.DecodeError
	if !errors.As(err, &whole) || !strings.Contains(whole.Want, v.Fail) {
		t.Fatalf("DecodeLoadFile: %v, want %q", err, v.Fail)
	}
	var sink recorder
	r := gp.NewLoadFileReader(&sink)
	_, err = loadAll(r, v.File, 1)
	var fault *wire.DecodeError
	if !errors.As(err, &fault) || *fault != *whole {
		t.Fatalf("byte by byte: %v, as a whole: %v", err, whole)
	}
	if gp.StatusOf(err) != iso7816.WrongData || r.Done() {
		t.Error("status", gp.StatusOf(err))
	}
	if again := r.Load(0, 0, v.Content); again != err {
		t.Error("the error does not stick:", again)
	}
}

func checkLoadFileCuts(t *testing.T, file []byte) {
	t.Helper()
	for n := range file {
		if _, err := gp.DecodeLoadFile(file[:n]); err == nil {
			t.Fatalf("cut at %d accepted", n)
		}
	}
	if _, err := gp.DecodeLoadFile(append(bytes.Clone(file), 0)); err == nil {
		t.Fatal("trailing byte accepted")
	}
}

func TestLoadSequence(t *testing.T) {
	req.Covers(t, "SPEC-GP-CONTENT-005", "SPEC-GP-CONTENT-006", "SPEC-GP-CONTENT-007", "SPEC-GP-CONTENT-009")
	file := []byte{0xC4, 0x04, 1, 2, 3, 4}
	for _, c := range []struct {
		name   string
		p1, p2 byte
		data   []byte
		want   iso7816.SW
	}{
		{"first block is not 00", 0, 1, file, iso7816.IncorrectP1P2},
		{"P1 reserved bit", 1, 0, file, iso7816.IncorrectP1P2},
		{"no data", 0, 0, nil, iso7816.WrongLength},
		{"last too early", 0x80, 0, file[:5], iso7816.WrongData},
	} {
		r := gp.NewLoadFileReader(&recorder{})
		if err := r.Load(c.p1, c.p2, c.data); gp.StatusOf(err) != c.want || r.Done() || r.Err() == nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if err := r.Load(0x80, 0, file); gp.StatusOf(err) != c.want {
			t.Errorf("%s: the loading goes on: %v", c.name, err)
		}
	}
	r := gp.NewLoadFileReader(&recorder{})
	for _, err := range []error{r.Load(0, 0, file[:3]), r.Load(0x80, 1, file[3:])} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if !r.Done() || gp.StatusOf(r.Load(0x80, 2, file)) != iso7816.ConditionsNotSatisfied || r.Done() {
		t.Error("a block after the last one is accepted")
	}
	r = gp.NewLoadFileReader(&recorder{})
	if r.Load(0, 0, file[:4]) != nil || gp.StatusOf(r.Load(0, 0, file[4:])) != iso7816.IncorrectP1P2 {
		t.Error("a repeated block is accepted")
	}
	full := &recorder{fail: iso7816.NotEnoughMemory}
	if err := gp.NewLoadFileReader(full).Load(0x80, 0, file); err != iso7816.NotEnoughMemory || len(full.file.Content) != 0 {
		t.Error("the sink's refusal is lost:", err)
	}
}

func TestLoadBlockNumbersWrap(t *testing.T) {
	req.Covers(t, "SPEC-GP-CONTENT-004", "SPEC-GP-CONTENT-006", "SPEC-GP-CONTENT-008")
	f := gp.LoadFile{Content: bytes.Repeat([]byte{7}, 70000)}
	file, err := f.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	var sink recorder
	r := gp.NewLoadFileReader(&sink)
	n, err := loadAll(r, file, 100)
	if err != nil || n != 701 || !r.Done() || sink.chunk > 100 || !bytes.Equal(sink.file.Content, f.Content) {
		t.Fatal(n, err)
	}
	for _, size := range []int{0, 256, -1} {
		if _, err := gp.LoadBlocks(file, size); err == nil {
			t.Errorf("blocks of %d bytes", size)
		}
	}
}

// countingSink takes content without keeping it.
type countingSink struct{ n int }

func (s *countingSink) DAP(gp.DAPBlock) error      { return nil }
func (s *countingSink) ICV([]byte) error           { return nil }
func (s *countingSink) Begin(bool, int) error      { return nil }
func (s *countingSink) Content(chunk []byte) error { s.n += len(chunk); return nil }

func TestLoadFileReaderDoesNotAllocate(t *testing.T) {
	req.Covers(t, "SPEC-GP-CONTENT-010")
	f := gp.LoadFile{Content: make([]byte, 1<<20)}
	f.DAPs = []gp.DAPBlock{{SecurityDomain: gp.AIDCASD, Signature: make([]byte, 256)}}
	file, _ := f.Append(nil)
	var sink countingSink
	r := gp.NewLoadFileReader(&sink)
	p2, next := byte(0), 0
	allocs := testing.AllocsPerRun(200, func() {
		if err := r.Load(0, p2, file[next:next+240]); err != nil {
			t.Fatal(err)
		}
		p2, next = p2+1, next+240
	})
	if allocs != 0 || sink.n == 0 {
		t.Errorf("%v allocations per block", allocs)
	}
}

func TestLoadFileRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOfN(rapid.Byte(), 1, 400)
		f := gp.LoadFile{Content: data.Draw(t, "content"), Ciphered: rapid.Bool().Draw(t, "ciphered")}
		if f.Ciphered && rapid.Bool().Draw(t, "icv") {
			f.ICV = rapid.SliceOfN(rapid.Byte(), 8, 16).Draw(t, "ICV")
		}
		for range rapid.IntRange(0, 3).Draw(t, "daps") {
			aid, _ := gp.NewAID(rapid.SliceOfN(rapid.Byte(), 5, 16).Draw(t, "AID"))
			f.DAPs = append(f.DAPs, gp.DAPBlock{SecurityDomain: aid, Signature: data.Draw(t, "signature")})
		}
		file, err := f.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		var sink recorder
		r := gp.NewLoadFileReader(&sink)
		if _, err := loadAll(r, file, rapid.IntRange(1, 255).Draw(t, "block")); err != nil || !r.Done() {
			t.Fatal(err)
		}
		again, err := sink.file.Append(nil)
		if err != nil || !bytes.Equal(again, file) {
			t.Fatal("round trip", err)
		}
	})
}

func TestLoadFileAppendRefuses(t *testing.T) {
	for i, f := range []gp.LoadFile{
		{}, {Content: []byte{1}, ICV: []byte{1}},
		{Content: []byte{1}, DAPs: []gp.DAPBlock{{Signature: []byte{1}}}},
		{Content: []byte{1}, DAPs: []gp.DAPBlock{{SecurityDomain: gp.AIDCASD}}},
	} {
		if out, err := f.Append([]byte{9}); err == nil || len(out) != 1 {
			t.Errorf("%d: %X, %v", i, out, err)
		}
	}
	if _, err := gp.LoadFileHash(crypto.MD5, nil); err == nil {
		t.Error("MD5 accepted")
	}
}

func FuzzLoadFile(f *testing.F) {
	for _, v := range vectors.Load[loadFileVector](f, "gp-content-loadfile.json") {
		f.Add([]byte(v.File), byte(1))
		f.Add([]byte(v.File), byte(240))
	}
	f.Fuzz(func(t *testing.T, b []byte, size byte) {
		whole, err := gp.DecodeLoadFile(b)
		if len(b) == 0 || size == 0 {
			return
		}
		var sink recorder
		r := gp.NewLoadFileReader(&sink)
		_, blockErr := loadAll(r, b, int(size))
		if (err == nil) != (blockErr == nil) || (blockErr == nil) != r.Done() {
			t.Fatalf("whole: %v, in blocks: %v", err, blockErr)
		}
		if err != nil {
			var fault *wire.DecodeError
			if !errors.As(err, &fault) || fault.Offset > len(b) {
				t.Fatalf("%v", err)
			}
			return
		}
		if !bytes.Equal(whole.Content, sink.file.Content) {
			t.Fatal("content differs")
		}
		canonical, err := whole.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := gp.DecodeLoadFile(canonical); err != nil || !bytes.Equal(again.Content, whole.Content) {
			t.Fatal(err)
		}
	})
}
