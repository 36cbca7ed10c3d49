package cap

import "fmt"

// RefLocation is the RefLocation component: where in the Method component's
// info constant-pool indices stand.
type RefLocation struct {
	Byte []uint16 // offsets of one-byte indices, rising
	Word []uint16 // offsets of two-byte indices, rising
}

// decodeRefLocation reads a RefLocation component. Spec: SPEC-CAP-018.
func decodeRefLocation(b []byte) (l RefLocation, err error) {
	r := reader(TagRefLocation, b)
	for _, list := range []struct {
		path string
		to   *[]uint16
	}{{"byte_index", &l.Byte}, {"byte2_index", &l.Word}} {
		deltas := r.Bytes(int(r.Uint16(list.path+"_count")), "offsets_to_"+list.path+"_indices")
		at := r.Offset() - len(deltas)
		sum := 0
		for i, d := range deltas {
			sum += int(d)
			if sum > 0xFFFF {
				r.FailAt(at+i, "offsets_to_"+list.path+"_indices", "an offset up to 65535", fmt.Sprint(sum))
				break
			}
			if d != 255 {
				*list.to = append(*list.to, uint16(sum))
			} else if i == len(deltas)-1 {
				r.FailAt(at+i, "offsets_to_"+list.path+"_indices", "a delta behind 255", "the end")
			}
		}
	}
	return l, r.End()
}

func (l *RefLocation) appendInfo(dst []byte) []byte {
	for _, offsets := range [][]uint16{l.Byte, l.Word} {
		at := len(dst)
		dst = append(dst, 0, 0)
		last := uint16(0)
		for _, o := range offsets {
			d := o - last
			for ; d >= 255; d -= 255 {
				dst = append(dst, 255)
			}
			dst = append(dst, byte(d))
			last = o
		}
		n := len(dst) - at - 2
		dst[at], dst[at+1] = byte(n>>8), byte(n)
	}
	return dst
}
