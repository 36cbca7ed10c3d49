package tsmp

// Role is what a party is in the protocol.
type Role byte

// Roles.
const (
	RoleCA           Role = 1 << iota // the certificate authority, JPKIシステム
	RoleSPTSM                         // SP-TSM
	RoleMNOTSM                        // MNO-TSM
	RoleHelpDesk                      // the authority's telephone desk, コールセンター
	RoleMunicipality                  // 市区町村
	RoleUIApp                         // JPKI-UIアプリ
)

var roleNames = []named[Role]{
	{RoleCA, "CA"}, {RoleSPTSM, "SP-TSM"}, {RoleMNOTSM, "MNO-TSM"},
	{RoleHelpDesk, "help-desk"}, {RoleMunicipality, "municipality"}, {RoleUIApp, "UI-app"},
}

// String is the role's name.
func (r Role) String() string { return wordOf(roleNames, r) }

// roleSet names the roles of a set.
func (r Role) names() (names []string) {
	for _, n := range roleNames {
		if r&n.value != 0 {
			names = append(names, n.name)
		}
	}
	return names
}

// PartyID names a party: its host name, say. Letters in lower case, digits, "-"
// and ".", 1 to 64 of them.
type PartyID string

// Valid reports whether the name has that form.
func (p PartyID) Valid() bool { return validName(string(p)) }

func validName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.') {
			return false
		}
	}
	return len(s) >= 1 && len(s) <= maxName
}

const maxName = 64
