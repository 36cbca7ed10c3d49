package application

import (
	"encoding/hex"
	"strings"

	"inkan/core/jpki"
	"inkan/core/jpki/certificate"
	"inkan/core/uicc"
)

// phrases are the words of one language.
type phrases struct {
	service  string
	purposes map[Purpose]string
	roles    map[jpki.Role]string
	origins  map[jpki.Origin]string
	// Labels of the lines below the purpose.
	keys, sim, origin, instance, ends, time, number string
	colon, clock                                    string
}

var japanese = phrases{
	service: "公的個人認証サービス(INKAN-TEST)",
	purposes: map[Purpose]string{
		Issue:          "このSIMカードへの電子証明書の発行を申請します。",
		PINReset:       "このSIMカードの暗証番号の再設定を申請します。",
		Revocation:     "スマートフォンの電子証明書の失効を申請します。失効した電子証明書は元に戻せません。",
		Transfer:       "別のSIMカードへの移行を申請します。新しい電子証明書が有効になると、これまでの電子証明書は失効します。",
		SuspensionLift: "スマートフォンの電子証明書の一時保留の解除を申請します。",
	},
	roles:   map[jpki.Role]string{jpki.Auth: "利用者証明用", jpki.Sign: "署名用", jpki.Both: "利用者証明用、署名用"},
	origins: map[jpki.Origin]string{jpki.OriginOnCard: "SIMカードの中", jpki.OriginDelivered: "認証局(暗号化して配送)"},
	keys:    "種類", sim: "SIMカード", origin: "鍵の生成", instance: "対象", ends: "失効する対象", time: "申請日時", number: "受付番号",
	colon: ":", clock: "2006年01月02日 15時04分05秒(日本時間)",
}

var english = phrases{
	service: "Public personal authentication service (INKAN-TEST)",
	purposes: map[Purpose]string{
		Issue:          "I apply for an electronic certificate in this SIM card.",
		PINReset:       "I apply for setting the PIN of this SIM card again.",
		Revocation:     "I apply for revoking the electronic certificate in my phone. A revoked certificate cannot be restored.",
		Transfer:       "I apply for moving to another SIM card. When the new electronic certificate takes effect, the one before is revoked.",
		SuspensionLift: "I apply for ending the suspension of the electronic certificate in my phone.",
	},
	roles:   map[jpki.Role]string{jpki.Auth: "user authentication", jpki.Sign: "signature", jpki.Both: "user authentication, signature"},
	origins: map[jpki.Origin]string{jpki.OriginOnCard: "in the SIM card", jpki.OriginDelivered: "by the authority, delivered encrypted"},
	keys:    "Kind", sim: "SIM card", origin: "Key is made", instance: "Concerns", ends: "Will be revoked", time: "Time", number: "Number",
	colon: ": ", clock: "2006-01-02 15:04:05 (Japan)",
}

// Text is what the applicant sees and signs, in lines: all of it follows from the
// fields. It is defined for a consistent application.
// Spec: SPEC-APPLICATION-023, SPEC-APPLICATION-024.
func (a *Application) Text(language Language) string {
	p := &english
	if language == Japanese {
		p = &japanese
	}
	lines := []string{p.service, p.purposes[a.Purpose]}
	line := func(name, value string) { lines = append(lines, name+p.colon+value) }
	if a.Roles != 0 {
		line(p.keys, p.roles[a.Roles])
	}
	if a.SIM != [IDLen]byte{} {
		line(p.sim, SIMText(a.SIM))
	}
	if a.Origin != jpki.OriginNone {
		line(p.origin, p.origins[a.Origin])
	}
	if a.Instance != [IDLen]byte{} {
		name := p.instance
		if a.Purpose == Transfer {
			name = p.ends
		}
		line(name, short(a.Instance))
	}
	line(p.time, a.Time.In(certificate.JST).Format(p.clock))
	line(p.number, short(a.Nonce))
	return strings.Join(lines, "\n")
}

// short is what people compare of a random identifier: its first 6 bytes.
func short(id [IDLen]byte) string {
	s := strings.ToUpper(hex.EncodeToString(id[:6]))
	return s[:4] + "-" + s[4:8] + "-" + s[8:]
}

// SIMText is a SIM identifier as a person reads it: the digits that are printed
// on the card where it is the content of EF_ICCID of a telecommunication card
// (ITU-T E.118: 89), else hex without the zeros at the end.
func SIMText(sim [IDLen]byte) string {
	if sim[0] == 0x98 && [IDLen - uicc.ICCIDBytes]byte(sim[uicc.ICCIDBytes:]) == [IDLen - uicc.ICCIDBytes]byte{} {
		if digits, err := uicc.DecodeICCID(sim[:uicc.ICCIDBytes]); err == nil {
			return digits
		}
	}
	b := sim[:]
	for len(b) > 1 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return strings.ToUpper(hex.EncodeToString(b))
}
