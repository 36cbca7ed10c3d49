package basic_test

import "inkan/core/iso7816"

// application says what one of the applications answers, written from
// spec/IDCARD.md alone.
type application struct {
	text     bool
	selected bool
	current  byte
	content  map[byte][]byte
	secrets  map[byte]*secret
	sequence sequence
}

// secret is a PIN or code.
type secret struct {
	value    string // empty: none is set
	length   int
	tries    int
	most     int
	verified bool
}

// capacities of the files.
var (
	commonFiles = map[byte]int{0x01: 64}
	textFiles   = map[byte]int{0x01: 32, 0x02: 1024, 0x03: 512, 0x05: 256}
)

func newApplication(text bool) *application {
	a := &application{text: text, content: map[byte][]byte{}, secrets: map[byte]*secret{}}
	if text {
		a.secrets = map[byte]*secret{0x11: {length: 4, most: 3}, 0x14: {length: 12, most: 10}, 0x15: {length: 14, most: 10}}
	}
	return a
}

func (a *application) files() map[byte]int {
	if a.text {
		return textFiles
	}
	return commonFiles
}

func (a *application) exists(ef byte) bool { return a.files()[ef] != 0 || a.secrets[ef] != nil }

// leave is what selection, deselection and a reset clear.
func (a *application) leave() {
	a.current = 0
	for _, s := range a.secrets {
		s.verified = false
	}
	a.sequence.next = 0
}

// command is a C-APDU as the application sees it; ne is 256 where there is no Le.
type command struct {
	cla, ins, p1, p2 byte
	data             []byte
	ne               int
}

// answer is response data and status word of a command to the selected application.
func (a *application) answer(c command) ([]byte, iso7816.SW) {
	if c.cla&0xFC != 0 && c.cla&0xF0 != 0x40 {
		return nil, 0x6E00
	}
	switch {
	case c.ins == 0xA4:
		return nil, a.selectFile(c)
	case c.ins == 0xB2 && !a.text:
		return a.readRecord(c)
	case c.ins == 0xB0 && a.text:
		return a.read(c)
	case c.ins == 0x20 && a.text:
		return nil, a.verify(c)
	case c.ins == 0x24 && a.text:
		return nil, a.change(c)
	}
	return nil, 0x6D00
}

func (a *application) selectFile(c command) iso7816.SW {
	switch {
	case c.p1 == 4:
		return 0x6A82
	case c.p1 != 2 || c.p2 != 0x0C && c.p2 != 0:
		return 0x6A86
	case len(c.data) != 2:
		return 0x6700
	case c.data[0] != 0 || !a.exists(c.data[1]):
		return 0x6A82
	}
	a.current = c.data[1]
	return 0x9000
}

// named is the EF of an SFI, 0 being the current one.
func (a *application) named(sfi byte) (byte, iso7816.SW) {
	if sfi == 0 {
		if a.current == 0 {
			return 0, 0x6986
		}
		return a.current, 0x9000
	}
	if !a.exists(sfi) {
		return 0, 0x6A82
	}
	return sfi, 0x9000
}

func (a *application) readRecord(c command) ([]byte, iso7816.SW) {
	if c.p2&7 != 4 || c.p2>>3 == 0x1F {
		return nil, 0x6A86
	}
	if len(c.data) > 0 {
		return nil, 0x6700
	}
	ef, sw := a.named(c.p2 >> 3)
	if sw != 0x9000 {
		return nil, sw
	}
	record := a.content[ef]
	if c.p1 != 1 || len(record) == 0 {
		return nil, 0x6A83
	}
	a.current = ef
	return record[:min(c.ne, len(record))], 0x9000
}

func (a *application) read(c command) ([]byte, iso7816.SW) {
	sfi, offset := byte(0), int(c.p1)<<8|int(c.p2)
	if c.p1&0x80 != 0 {
		sfi, offset = c.p1&0x1F, int(c.p2)
		if c.p1&0x60 != 0 || sfi == 0 || sfi == 0x1F {
			return nil, 0x6A86
		}
	}
	if len(c.data) > 0 {
		return nil, 0x6700
	}
	ef, sw := a.named(sfi)
	if sw != 0x9000 {
		return nil, sw
	}
	if a.secrets[ef] != nil {
		return nil, 0x6981
	}
	if !a.open(ef) {
		return nil, 0x6982
	}
	content := a.content[ef]
	if offset >= len(content) {
		return nil, 0x6B00
	}
	a.current = ef
	return content[offset:min(offset+c.ne, len(content))], 0x9000
}

// open tells whether the condition of a file is met.
func (a *application) open(ef byte) bool {
	pin, codeA, codeB := a.secrets[0x11].verified, a.secrets[0x14].verified, a.secrets[0x15].verified
	switch ef {
	case 1:
		return pin || codeA
	case 2:
		return pin || codeB
	case 3:
		return pin || codeA || codeB
	}
	return true
}

// secretOf checks P2, length and EF of VERIFY and CHANGE REFERENCE DATA.
func (a *application) secretOf(c command, least int) (byte, *secret, iso7816.SW) {
	if c.p2 < 0x80 || c.p2 > 0x9E {
		return 0, nil, 0x6A86
	}
	if len(c.data) < least || len(c.data) > 16 {
		return 0, nil, 0x6700
	}
	ef, sw := a.named(c.p2 & 0x1F)
	if sw != 0x9000 {
		return 0, nil, sw
	}
	if a.secrets[ef] == nil {
		return 0, nil, 0x6981
	}
	return ef, a.secrets[ef], 0x9000
}

func (a *application) verify(c command) iso7816.SW {
	if c.p1 != 0 {
		return 0x6A86
	}
	ef, s, sw := a.secretOf(c, 0)
	if sw != 0x9000 {
		return sw
	}
	if len(c.data) > 0 {
		if s.value == "" || s.tries == 0 {
			return 0x6984
		}
		s.tries--
		if s.verified = string(c.data) == s.value; s.verified {
			s.tries = s.most
			a.current = ef
			return 0x9000
		}
	}
	a.current = ef
	if s.value == "" {
		return 0x63C0
	}
	return 0x63C0 | iso7816.SW(s.tries)
}

func (a *application) change(c command) iso7816.SW {
	if c.p1 != 1 {
		return 0x6A86
	}
	ef, s, sw := a.secretOf(c, 1)
	switch {
	case sw != 0x9000:
		return sw
	case ef != 0x11:
		return 0x6985
	case !s.verified:
		return 0x6982
	case !s.valid(c.data):
		return 0x6A80
	}
	s.set(c.data)
	a.current = ef
	return 0x9000
}

func (s *secret) valid(value []byte) bool {
	for _, c := range value {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(value) == s.length
}

func (s *secret) set(value []byte) {
	s.value, s.tries, s.verified = string(value), s.most, false
}
