package jpki

// DGI is the identifier of a data group of personalisation.
type DGI uint16

// Data groups (spec/PERSO.md §Data groups).
const (
	DGIOrder         DGI = 0xB001
	DGIGenerate      DGI = 0xB002
	DGIEnvelope      DGI = 0xB003
	DGICACertificate DGI = 0xB004
	DGIActivate      DGI = 0xB005
	DGISuspend       DGI = 0xB006
	DGIResume        DGI = 0xB007
	DGIErase         DGI = 0xB008
	DGIState         DGI = 0xB009
	DGIAnswer        DGI = 0xB0FF
)

var dgiNames = map[DGI]string{
	DGIOrder: "ORDER", DGIGenerate: "GENERATE", DGIEnvelope: "ENVELOPE", DGICACertificate: "CA CERT",
	DGIActivate: "ACTIVATE", DGISuspend: "SUSPEND", DGIResume: "RESUME", DGIErase: "ERASE", DGIState: "STATE",
	DGIAnswer: "ANSWER",
}

// String is the data group's name in the specification.
func (d DGI) String() string {
	if s := dgiNames[d]; s != "" {
		return s
	}
	return "DGI " + hexByte(byte(d>>8)) + hexByte(byte(d))
}
