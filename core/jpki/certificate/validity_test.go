package certificate

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"inkan/spec/req"
	"inkan/spec/vectors"
)

type validityVector struct {
	vectors.Header
	Issued   time.Time `json:"issued"`
	Birth    string    `json:"birth"`
	NotAfter time.Time `json:"notAfter"`
}

func TestValidityVectors(t *testing.T) {
	for _, v := range vectors.Load[validityVector](t, "cert-profile-validity.json") {
		var got time.Time
		if v.Birth == "" {
			got = CAValidUntil(v.Issued)
		} else {
			birth, err := ParseDate(v.Birth)
			if err != nil {
				t.Fatal(err)
			}
			got = ValidUntil(v.Issued, birth)
		}
		if !got.Equal(v.NotAfter) || got.Location() != time.UTC {
			t.Errorf("%s: %s, want %s", v.Name, got, v.NotAfter)
		}
	}
}

func drawDate(t *rapid.T, label string, from, to int) Date {
	d := Date{rapid.IntRange(from, to).Draw(t, label+" year"), time.Month(rapid.IntRange(1, 12).Draw(t, label+" month")), rapid.IntRange(1, 31).Draw(t, label+" day")}
	for !d.Valid() {
		d.Day--
	}
	return d
}

// TestValidUntilByCounting: the fifth birthday is the one that walking day by
// day comes to.
func TestValidUntilByCounting(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-009", "SPEC-CERT-PROFILE-010")
	rapid.Check(t, func(t *rapid.T) {
		birth := drawDate(t, "birth", 1880, 2026)
		leapDay := rapid.Bool().Draw(t, "leap day")
		if leapDay {
			birth = Date{birth.Year &^ 3, time.February, 29}
			if !birth.Valid() {
				birth.Year += 4
			}
		}
		day := drawDate(t, "issue", 2027, 2095)
		issued := day.End().Add(-time.Duration(rapid.IntRange(0, 86399).Draw(t, "second")) * time.Second)
		at := time.Date(day.Year, day.Month, day.Day, 12, 0, 0, 0, time.UTC)
		for count := 0; count < 5; {
			at = at.AddDate(0, 0, 1)
			common := time.Date(at.Year(), 2, 29, 0, 0, 0, 0, time.UTC).Month() != time.February
			onDay := at.Month() == birth.Month && at.Day() == birth.Day
			if onDay || common && birth.Month == 2 && birth.Day == 29 && at.Month() == 2 && at.Day() == 28 {
				count++
			}
		}
		want := time.Date(at.Year(), at.Month(), at.Day(), 14, 59, 59, 0, time.UTC)
		if got := ValidUntil(issued, birth); !got.Equal(want) {
			t.Fatalf("born %s, issued %s: %s, want %s", birth, issued, got, want)
		}
	})
}

func TestEarliest(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-011")
	one, two := time.Unix(1, 0), time.Unix(2, 0)
	for _, c := range []struct {
		in   []time.Time
		want time.Time
	}{{nil, time.Time{}}, {[]time.Time{two, one}, one}, {[]time.Time{{}, two}, two}, {[]time.Time{one, {}, two}, one}} {
		if got := Earliest(c.in...); !got.Equal(c.want) {
			t.Errorf("Earliest(%v) = %v, want %v", c.in, got, c.want)
		}
	}
}

func TestAge(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-010")
	for _, c := range []struct {
		birth, day string
		want       int
	}{{"20120229", "20270227", 14}, {"20120229", "20270228", 15}, {"20120229", "20280228", 15}, {"20120229", "20280229", 16}, {"20111128", "20261127", 14}, {"20111128", "20261128", 15}} {
		birth, err := ParseDate(c.birth)
		if err != nil {
			t.Fatal(err)
		}
		day, err := ParseDate(c.day)
		if err != nil {
			t.Fatal(err)
		}
		if got := birth.Age(day); got != c.want {
			t.Errorf("born %s, on %s: %d, want %d", c.birth, c.day, got, c.want)
		}
	}
	for _, bad := range []string{"", "2026112", "20260229", "20261301", "2026-1-1", "202611280"} {
		if d, err := ParseDate(bad); err == nil {
			t.Errorf("ParseDate(%q) = %v", bad, d)
		}
	}
}

// TestParseTime: two digits of a year mean 1950 to 2049.
func TestParseTime(t *testing.T) {
	req.Covers(t, "SPEC-CERT-PROFILE-008", "SPEC-CERT-PROFILE-040")
	for text, year := range map[string]int{"490101000000Z": 2049, "500101000000Z": 1950, "680229000000Z": 1968, "690101000000Z": 1969, "000229000000Z": 2000} {
		if at, ok := parseTime(utcTime, text); !ok || at.Year() != year {
			t.Errorf("%s: %s, %v, want the year %d", text, at, ok, year)
		}
	}
	for _, bad := range []string{"", "490101000000", "490101000000+", "490101240000Z", "490230000000Z", "4901010000Z", "491301000000Z", "49010100000 Z"} {
		if at, ok := parseTime(utcTime, bad); ok {
			t.Errorf("%q is %s", bad, at)
		}
	}
	if at, ok := parseTime(generalizedTime, "20491231235959Z"); ok {
		t.Errorf("GeneralizedTime of 2049 is %s", at)
	}
	if at, ok := parseTime(generalizedTime, "20500101000000Z"); !ok || at.Year() != 2050 {
		t.Errorf("GeneralizedTime of 2050: %s, %v", at, ok)
	}
}
