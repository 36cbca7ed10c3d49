package tlv

import "testing"

var sample = func() []byte {
	b, outer := Begin(nil, 0x6F)
	b = Append(b, 0x84, []byte{0xA0, 0, 0, 1, 0x51, 0, 0, 0})
	b, inner := Begin(b, 0xA5)
	b = Append(b, 0x53, make([]byte, 0x4A))
	b = Append(b, 0x9F65, []byte{0xFF})
	return End(End(b, inner), outer)
}()

var (
	dgiSample           = AppendDGI(AppendDGI(nil, 0x00A6, make([]byte, 40)), 0x7F49, make([]byte, 300))
	comprehensionSample = AppendComprehension(AppendComprehension(nil, 1, true, make([]byte, 3)), 0x123, false, make([]byte, 200))
	lvSample            = []byte{3, 1, 2, 3, 0, 1, 9}
	path                = []Tag{0x6F, 0xA5, 0x9F65}
	buffer              = make([]byte, 0, 1024)
	stream              = NewDGIStream(make([]byte, 300), 0)
)

func decodeAll() (n int) {
	if _, ok, _ := Find(sample, path...); ok {
		n++
	}
	if Validate(sample, Strict, MaxDepth) == nil {
		n++
	}
	d := NewDGIReader(dgiSample)
	for d.Next() {
		n++
	}
	c := NewComprehensionReader(comprehensionSample, 0, 0)
	for c.Next() {
		n++
	}
	l := NewLVReader(lvSample)
	for l.Next() {
		n++
	}
	for i := 0; i < len(dgiSample); i += 50 {
		stream.Feed(dgiSample[i:min(i+50, len(dgiSample))])
		for stream.Next() {
			n++
		}
	}
	return n
}

func TestDecodingAllocatesNothing(t *testing.T) {
	if n := decodeAll(); n != 11 {
		t.Fatalf("decoded %d things, want 11", n)
	}
	if n := testing.AllocsPerRun(100, func() { decodeAll() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func encodeAll() {
	b, outer := Begin(buffer[:0], 0x6F)
	b = Append(b, 0x84, sample[:8])
	b, inner := Begin(b, 0xA5)
	b = Append(b, 0x53, sample)
	b = End(End(b, inner), outer)
	b = AppendDGI(b, 0x8010, dgiSample)
	AppendComprehension(b, 0x123, true, lvSample)
}

func TestEncodingAllocatesNothing(t *testing.T) {
	if n := testing.AllocsPerRun(100, encodeAll); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkReader(b *testing.B) {
	b.SetBytes(int64(len(sample)))
	b.ReportAllocs()
	for b.Loop() {
		r := NewReader(sample)
		for r.Next() {
			c := r.Children()
			for c.Next() {
			}
		}
	}
}

func BenchmarkFind(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Find(sample, path...)
	}
}

func BenchmarkValidate(b *testing.B) {
	b.SetBytes(int64(len(sample)))
	b.ReportAllocs()
	for b.Loop() {
		Validate(sample, 0, MaxDepth)
	}
}

func BenchmarkBeginEnd(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		encodeAll()
	}
}

func BenchmarkDGIStream(b *testing.B) {
	b.SetBytes(int64(len(dgiSample)))
	b.ReportAllocs()
	for b.Loop() {
		stream.Feed(dgiSample[:100])
		for stream.Next() {
		}
		stream.Feed(dgiSample[100:])
		for stream.Next() {
		}
	}
}
