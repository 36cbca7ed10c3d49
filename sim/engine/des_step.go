package engine

import (
	"encoding/binary"

	"inkan/sim/clock"
)

// Tables of FIPS 46-3, bits counted from 1 at the left.
var (
	desIP = [64]byte{
		58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4, 62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24, 16, 8,
		57, 49, 41, 33, 25, 17, 9, 1, 59, 51, 43, 35, 27, 19, 11, 3, 61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31, 23, 15, 7,
	}
	desE = [48]byte{
		32, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9, 8, 9, 10, 11, 12, 13, 12, 13, 14, 15, 16, 17,
		16, 17, 18, 19, 20, 21, 20, 21, 22, 23, 24, 25, 24, 25, 26, 27, 28, 29, 28, 29, 30, 31, 32, 1,
	}
	desP = [32]byte{
		16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25,
	}
	desPC1 = [56]byte{
		57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
		63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
	}
	desPC2 = [48]byte{
		14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
		41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
	}
	desShifts = [16]byte{1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1}
	desS      = [8]string{
		"E4D12FB83A6C5907" + "0F74E2D1A6CB9538" + "41E8D62BFC973A50" + "FC8249175B3EA06D",
		"F18E6B34972DC05A" + "3D47F28EC01A69B5" + "0E7BA4D158C6932F" + "D8A13F42B67C05E9",
		"A09E63F51DC7B428" + "D709346A285ECBF1" + "D6498F30B12C5AE7" + "1AD069874FE3B52C",
		"7DE3069A1285BC4F" + "D8B56F03472C1AE9" + "A690CB7DF13E5284" + "3F06A1D8945BC72E",
		"2C417AB6853FD0E9" + "EB2C47D150FA3986" + "421BAD78F9C5630E" + "B8C71E2D6F09A453",
		"C1AF92680D34E75B" + "AF427C9561DE0B38" + "9EF528C3704A1DB6" + "432C95FABE17608D",
		"4B2EF08D3C975A61" + "D0B7491AE35C2F86" + "14BDC37EAF680592" + "6BD814A7950FE23C",
		"D2846FB1A93E50C7" + "1FD8A374C56B0E92" + "7B419CE206ADF358" + "21E74A8DFC90356B",
	}
)

// permute picks bits of a value of size bits, counted from 1 at the left.
func permute(v uint64, size int, table []byte) (out uint64) {
	for _, at := range table {
		out = out<<1 | v>>(size-int(at))&1
	}
	return out
}

// steppedDES executes rounds and counts them.
type steppedDES struct {
	engine *DESEngine
	clock  *clock.Clock
	passes [][16]uint64 // round keys of each pass, in the order of encryption
}

func newSteppedDES(e *DESEngine, k *clock.Clock, key []byte, passes int) *steppedDES {
	d := &steppedDES{engine: e, clock: k}
	cycles := e.Start
	for range len(key) / 4 {
		cycles += e.Load
	}
	k.Advance(clock.DES, cycles)
	for i := range passes {
		at := 8 * i % len(key)
		keys := desSchedule(binary.BigEndian.Uint64(key[at:]))
		if i == 1 {
			keys = reversed(keys)
		}
		d.passes = append(d.passes, keys)
	}
	return d
}

func desSchedule(key uint64) (keys [16]uint64) {
	v := permute(key, 64, desPC1[:])
	c, d := v>>28, v&(1<<28-1)
	for i, n := range desShifts {
		c = (c<<n | c>>(28-n)) & (1<<28 - 1)
		d = (d<<n | d>>(28-n)) & (1<<28 - 1)
		keys[i] = permute(c<<28|d, 56, desPC2[:])
	}
	return keys
}

func reversed(keys [16]uint64) (out [16]uint64) {
	for i, k := range keys {
		out[15-i] = k
	}
	return out
}

// BlockSize is 8.
func (d *steppedDES) BlockSize() int { return 8 }

// Encrypt runs all passes.
func (d *steppedDES) Encrypt(dst, src []byte) { d.crypt(dst, src, d.passes) }

// Decrypt runs the passes backwards.
func (d *steppedDES) Decrypt(dst, src []byte) {
	var back [][16]uint64
	for i := len(d.passes) - 1; i >= 0; i-- {
		back = append(back, reversed(d.passes[i]))
	}
	d.crypt(dst, src, back)
}

func (d *steppedDES) crypt(dst, src []byte, passes [][16]uint64) {
	e := d.engine
	cycles := e.Start + 2*e.Load
	v := binary.BigEndian.Uint64(src)
	for _, keys := range passes {
		v = permute(v, 64, desIP[:])
		l, r := v>>32, v&(1<<32-1)
		for _, k := range keys {
			l, r = r, l^desRound(r, k)
			cycles += e.Round
		}
		v = inverseIP(r<<32 | l)
	}
	binary.BigEndian.PutUint64(dst, v)
	d.clock.Advance(clock.DES, cycles+2*e.Store)
}

func desRound(r, key uint64) uint64 {
	v := permute(r, 32, desE[:]) ^ key
	var out uint64
	for i := range 8 {
		six := v >> (42 - 6*i) & 63
		row, column := six>>4&2|six&1, six>>1&15
		digit := desS[i][16*row+column]
		if digit >= 'A' {
			digit -= 'A' - '9' - 1
		}
		out = out<<4 | uint64(digit-'0')
	}
	return permute(out, 32, desP[:])
}

func inverseIP(v uint64) (out uint64) {
	for i, at := range desIP {
		out |= v >> (63 - i) & 1 << (64 - int(at))
	}
	return out
}
