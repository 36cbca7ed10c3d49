package login

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CheckOrigin fails for what is not an origin of HTTPS in its one form (RFC
// 6454 §6.2): lower case, no user, no path, no port 443, a name in ASCII or an
// address. Spec: SPEC-RELYING-PARTY-002.
func CheckOrigin(origin string) error {
	rest, ok := strings.CutPrefix(origin, "https://")
	if !ok {
		return errors.New("login: origin: want https:// in lower case")
	}
	if len(origin) > MaxOriginLen {
		return fmt.Errorf("login: origin: %d bytes, want at most %d", len(origin), MaxOriginLen)
	}
	host, port := rest, ""
	if cut := strings.LastIndexByte(rest, ':'); cut >= 0 && !strings.HasSuffix(rest, "]") {
		host, port = rest[:cut], rest[cut+1:]
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil || number == 0 || number == 443 || strconv.FormatUint(number, 10) != port {
			return errors.New("login: origin: want a port from 1 to 65535 in its shortest form, and none for 443")
		}
	}
	if inside, ok := strings.CutPrefix(host, "["); ok {
		inside, closed := strings.CutSuffix(inside, "]")
		address, err := netip.ParseAddr(inside)
		if !closed || err != nil || !address.Is6() || address.Zone() != "" || address.String() != inside {
			return errors.New("login: origin: want an IPv6 address in its shortest form between brackets")
		}
		return nil
	}
	return checkHost(host)
}

// checkHost wants labels of letters, digits and hyphens.
func checkHost(host string) error {
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return errors.New("login: origin: want labels of 1 to 63 characters that no hyphen begins or ends")
		}
		for _, c := range []byte(label) {
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
				return errors.New("login: origin: want lower-case letters, digits and hyphens in the name of the host")
			}
		}
	}
	return nil
}

// CheckText fails for text that does not show what it says: not UTF-8, empty or
// longer than MaxTextLen, with characters of control or format (which turn the
// direction of writing, or are invisible), or blank at either end.
// Spec: SPEC-RELYING-PARTY-003.
func CheckText(text string) error {
	if len(text) == 0 || len(text) > MaxTextLen {
		return fmt.Errorf("login: text: %d bytes, want 1 to %d", len(text), MaxTextLen)
	}
	if !utf8.ValidString(text) {
		return errors.New("login: text: want UTF-8")
	}
	if strings.TrimSpace(text) != text {
		return errors.New("login: text: blank at an end")
	}
	for _, c := range text {
		if c != ' ' && c != '\u3000' && !unicode.IsPrint(c) {
			return fmt.Errorf("login: text: character %U is not shown", c)
		}
	}
	return nil
}
