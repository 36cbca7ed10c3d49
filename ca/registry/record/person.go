package record

import (
	"time"

	"inkan/core/jpki/certificate"
)

// MaxText is the most bytes that a name or an address may have.
const MaxText = 1024

// Standing is whether the basic resident register still has a person. The zero
// value is none.
type Standing uint8

// The standings; only a resident is given certificates.
const (
	Resident Standing = iota + 1
	Deceased
	Emigrated
)

// Sex as JIS X 0303 codes it in the certificates.
type Sex uint8

// Attributes are what a signature certificate says of its holder, but for the
// birthday, and whether one may be issued.
type Attributes struct {
	Name, Address string
	// NameSubstitutes and AddressSubstitutes are the flags of substituted
	// characters, one 0 or 1 a character.
	NameSubstitutes, AddressSubstitutes string
	Sex                                 Sex
	Municipality                        certificate.Municipality
	// Ward is an adult under guardianship, who has no signature certificate.
	Ward bool
}

// Person is somebody in the basic resident register.
type Person struct {
	ID    PersonID
	Birth certificate.Date
	Attributes
	// AttributesVersion is 1 at first and rises with every change of Attributes.
	AttributesVersion uint32
	Standing          Standing
	Since             time.Time // of Standing
	Card              CardID    // the card in force
	// Application is the open application for issue.
	Application ApplicationID
}

func (*Person) format() string { return "registry person" }

func (p *Person) fields(f *fields) {
	f.raw("ID", p.ID[:])
	f.date("birth", &p.Birth)
	f.text("name", &p.Name)
	f.text("address", &p.Address)
	f.text("name substitutes", &p.NameSubstitutes)
	f.text("address substitutes", &p.AddressSubstitutes)
	enum(f, "sex", &p.Sex, 0, 9)
	f.text("municipality", &p.Municipality.Code)
	f.text("prefecture", &p.Municipality.Prefecture)
	f.text("city", &p.Municipality.City)
	f.bool("ward", &p.Ward)
	f.uint32("attributes version", &p.AttributesVersion)
	enum(f, "standing", &p.Standing, Resident, Emigrated)
	f.time("since", &p.Since)
	f.raw("card", p.Card[:])
	f.raw("application", p.Application[:])
}

// date is four bytes, year·10000 + month·100 + day.
func (f *fields) date(path string, d *certificate.Date) {
	v := uint32(d.Year*10000 + int(d.Month)*100 + d.Day)
	f.uint32(path, &v)
	*d = certificate.Date{Year: int(v / 10000), Month: time.Month(v / 100 % 100), Day: int(v % 100)}
	if f.reading && f.in.Err() == nil && !d.Valid() {
		f.in.FailAt(f.in.Offset()-4, path, "a day of the calendar", d.String())
	}
}
