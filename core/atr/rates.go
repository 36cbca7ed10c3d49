package atr

var (
	fValues = [16]int{372, 372, 558, 744, 1116, 1488, 1860, 0, 0, 512, 768, 1024, 1536, 2048}
	fClocks = [16]int{4_000_000, 5_000_000, 6_000_000, 8_000_000, 12_000_000, 16_000_000, 20_000_000, 0, 0, 5_000_000, 7_500_000, 10_000_000, 15_000_000, 20_000_000}
	dValues = [16]int{0, 1, 2, 4, 8, 16, 32, 64, 12, 20}
)

// F is the clock rate conversion integer of FI; 0: reserved
// (ISO/IEC 7816-3:2006 table 7). Spec: SPEC-TRANSPORT-004.
func F(fi byte) int { return fValues[fi&0x0F] }

// MaxClockHz is the highest clock frequency that goes with FI; 0: reserved.
func MaxClockHz(fi byte) int { return fClocks[fi&0x0F] }

// D is the baud rate adjustment integer of DI; 0: reserved
// (ISO/IEC 7816-3:2006 table 8). Spec: SPEC-TRANSPORT-004.
func D(di byte) int { return dValues[di&0x0F] }
