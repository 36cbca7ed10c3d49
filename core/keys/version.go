package keys

// Use is what the keys under a key version number are for.
type Use byte

// Uses.
const (
	UseUnassigned Use = iota // no use is fixed for this version number
	UseSCP80                 // over-the-air messages (ETSI TS 102 225)
	UseDAP                   // load-file signature, older numbering
	UseSCP02                 // secure channel SCP02
	UseSCP03                 // secure channel SCP03
	UseSCP81                 // remote administration over HTTP: PSK and DEK
	UseToken                 // delegated-management token verification
	UseReceipt               // delegated-management receipt generation
	UseDAPVerify             // load-file signature (DAP) verification
	UseCASD                  // controlling authority's confidential set-up
	UseCiphered              // ciphered load-file data block
	UseFactory               // initial keys, version FF
)

var useNames = [...]string{"unassigned", "SCP80", "DAP", "SCP02", "SCP03", "SCP81",
	"token", "receipt", "DAP verification", "CASD", "ciphered load file", "factory"}

// String is the use in words.
func (u Use) String() string {
	if int(u) < len(useNames) {
		return useNames[u]
	}
	return "unknown use"
}

// VersionRange assigns key version numbers First to Last to a use.
type VersionRange struct {
	First, Last byte
	Use         Use
}

// versions is the table of spec/KEYS.md §Key version numbers, ascending and
// without overlap. Spec: SPEC-KEYS-003.
var versions = [...]VersionRange{
	{0x01, 0x0F, UseSCP80},
	{0x11, 0x11, UseDAP},
	{0x20, 0x2F, UseSCP02},
	{0x30, 0x3F, UseSCP03},
	{0x40, 0x4F, UseSCP81},
	{0x70, 0x70, UseToken},
	{0x71, 0x71, UseReceipt},
	{0x73, 0x73, UseDAPVerify},
	{0x74, 0x74, UseCASD},
	{0x75, 0x75, UseCiphered},
	{0xFF, 0xFF, UseFactory},
}

// Versions is the whole table, for documents and tests.
func Versions() []VersionRange { return append([]VersionRange(nil), versions[:]...) }

// UseOf tells what the keys under a key version number are for.
// Spec: SPEC-KEYS-003.
func UseOf(version byte) Use {
	for _, r := range versions {
		if r.First <= version && version <= r.Last {
			return r.Use
		}
	}
	return UseUnassigned
}

// ValidNewVersion reports whether PUT KEY may give a key set this version
// number: 01 to 7F. 00 means "first available" in a reference, FF is the
// factory's. Spec: SPEC-KEYS-004.
func ValidNewVersion(version byte) bool { return version >= 0x01 && version <= 0x7F }

// ID is a key identifier within a key version.
type ID byte

// Key identifiers of the uses that number their keys.
const (
	IDEnc  ID = 1 // SCP02, SCP03: encryption; SCP80: KIc
	IDMAC  ID = 2 // SCP02, SCP03: MAC; SCP80: KID
	IDDEK  ID = 3 // SCP02, SCP03: data encryption; SCP80: KIK
	IDPSK  ID = 1 // SCP81: pre-shared key
	IDPDEK ID = 2 // SCP81: data encryption key

	IDCASDPublic  ID = 1 // KVN 74: PK.CA.AUT
	IDCASDAuth    ID = 2 // KVN 74: SK.CASD.AUT
	IDCASDEncrypt ID = 3 // KVN 74: SK.CASD.CT
)
