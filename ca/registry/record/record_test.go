package record

import (
	"errors"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"inkan/core/jpki/certificate"
	"inkan/core/wire"
	"inkan/spec/req"
)

var (
	when = time.Date(2026, 11, 28, 1, 2, 3, 0, time.UTC)
	// examples are one record of each type, every field with a value of its own.
	examples = []Record{
		&Person{ID: PersonID{1}, Birth: certificate.Date{Year: 2000, Month: 2, Day: 29}, Attributes: Attributes{Name: "印鑑　花子", Address: "東京都", NameSubstitutes: "01", AddressSubstitutes: "10",
			Sex: 2, Municipality: certificate.Municipality{Code: "131130", Prefecture: "Tokyo-to", City: "Shibuya-ku"}, Ward: true}, AttributesVersion: 3,
			Standing: Emigrated, Since: when, Card: CardID{2}, Application: ApplicationID{3}},
		&Card{ID: CardID{1}, Person: PersonID{2}, NotAfter: when, State: CardHeld, Since: when.Add(1e9), Signature: 5, Authentication: 3, Replaces: CardID{4}},
		&Phone{ID: PhoneID{1}, Person: PersonID{2}, Sender: "sp", SIM: SIM{3}, Since: when, Erasure: ErasureDone, Erased: when.Add(2e9), ResetsFrom: when.Add(1e9), Resets: 2, Reset: OrderID{4}},
		&Certificate{Authority: 2, Serial: 0x01020304, Generation: 5, Kind: certificate.PhoneAuthentication, Stage: Issued, Person: PersonID{1}, Card: CardID{2}, Phone: PhoneID{3},
			Order: OrderID{4}, NotBefore: when, NotAfter: when.Add(1e9), Key: Hash{5}, DER: Hash{6}, Partition: "Tokyo-to/Shibuya-ku", AttributesVersion: 7, Origin: Delivered,
			Signature: 8, Parent: 9, Deadline: when.Add(2e9), Envelope: Hash{10}, Receipt: Hash{12}, Activated: when.Add(4e9), State: certificate.Suspended, Since: when.Add(3e9), Reason: 6, Version: 11},
		&Application{ID: ApplicationID{1}, Purpose: PurposeTransfer, Origin: OnCard, Person: PersonID{2}, Sender: "sp", Phone: PhoneID{3}, Replaces: PhoneID{8}, SIM: SIM{4}, Signature: 5, Evidence: Hash{6}, At: when,
			Deadline: when.Add(1e9), Progress: Done, Order: OrderID{7}, SignedAt: when.Add(2e9)},
		&Order{ID: OrderID{1}, Application: ApplicationID{2}, Purpose: PurposeIssue, Origin: Delivered, Sender: "sp", Phone: PhoneID{3}, SIM: SIM{4}, Instance: "\xD3\x92", LoadFile: Hash{5}, Attestation: "a", Counter: 6,
			Call: Hash{7}, At: when, Deadline: when.Add(1e9), Progress: Ended, Serial: 8, Content: "c", Sealed: "s"},
		&Entry{Number: 1, At: when, Act: "act", Refused: "refused", Actor: "actor", Call: "call", Subject: Subject{Person: PersonID{1}, Card: CardID{2}, Phone: PhoneID{3},
			Application: ApplicationID{4}, Order: OrderID{5}, Authority: 1, Serial: 6}, Exhibits: []Exhibit{{"a", Hash{1}}, {"b", Hash{2}}}, Changes: []Digest{{1}, {2}}, Sum: Sum{3}, Previous: Hash{4}},
		&Head{Time: when, Number: 1, Hash: Hash{2}, Sum: Sum{3}, NextDue: when.Add(1e9), Next: [3]uint64{0, 4, 5}},
		&Listing{Since: when, Reason: 1, NotAfter: when.Add(1e9)},
		&KeyUse{Authority: 1, Serial: 2},
		&Answer{Request: Hash{1}, Body: "body"},
		&Counter{Last: 1},
		&NonceUse{Application: ApplicationID{1}},
		&Notice{Number: 1, Phone: PhoneID{2}, Act: "act", Serial: 3, State: certificate.Revoked, Since: when, Reason: 4, NotAfter: when.Add(1e9), Erase: true},
		&Mailbox{Last: 2, Acknowledged: 1},
	}
)

func empty(r Record) Record { return reflect.New(reflect.TypeOf(r).Elem()).Interface().(Record) }

func TestRecords(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-060")
	for _, want := range examples {
		b := Append([]byte("x"), want)[1:]
		got := empty(want)
		if err := Decode(b, got); err != nil {
			t.Error(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%T: %s", want, d)
		}
		zero := reflect.ValueOf(want).Elem()
		for i := range zero.NumField() {
			if zero.Field(i).IsZero() {
				t.Errorf("%T: the example lacks %s", want, zero.Type().Field(i).Name)
			}
		}
		for n := range b {
			wantFault(t, b[:n], empty(want))
		}
		wantFault(t, append(b[:len(b):len(b)], 0), empty(want))
		wantFault(t, append([]byte{2}, b[1:]...), empty(want))
	}
	var day Person
	bad := Append(nil, examples[0])
	bad[20] = 31 // 20000231
	if err := Decode(bad, &day); err == nil || !strings.Contains(err.Error(), "registry person: birth at offset 17: want a day of the calendar") {
		t.Error(err)
	}
}

func wantFault(t *testing.T, b []byte, r Record) {
	t.Helper()
	var fault *wire.DecodeError
	if err := Decode(b, r); !errors.As(err, &fault) || fault.Format != r.format() {
		t.Errorf("%T, %d bytes: %v", r, len(b), err)
	}
}

// FuzzRecords: whatever is read is written again as the same bytes.
func FuzzRecords(f *testing.F) {
	for i, r := range examples {
		f.Add(byte(i), Append(nil, r))
	}
	f.Fuzz(func(t *testing.T, kind byte, b []byte) {
		r := empty(examples[int(kind)%len(examples)])
		if err := Decode(b, r); err != nil {
			wantFault(t, b, empty(r))
			return
		}
		if again := Append(nil, r); string(again) != string(b) {
			t.Errorf("%T: read %X, wrote %X", r, b, again)
		}
	})
}

// TestSum: sums are those of numbers modulo 2^256, in any order.
func TestSum(t *testing.T) {
	req.Covers(t, "SPEC-CA-LIFECYCLE-053")
	modulus := new(big.Int).Lsh(big.NewInt(1), 256)
	rapid.Check(t, func(t *rapid.T) {
		var sum Sum
		want := new(big.Int)
		for range rapid.IntRange(1, 8).Draw(t, "n") {
			var h Hash
			copy(h[:], rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 0x7F, 0xFF}), 32, 32).Draw(t, "hash"))
			if rapid.Bool().Draw(t, "add") {
				sum.Add(h)
				want.Add(want, new(big.Int).SetBytes(h[:]))
			} else {
				sum.Remove(h)
				want.Sub(want, new(big.Int).SetBytes(h[:]))
			}
		}
		if want.Mod(want, modulus); new(big.Int).SetBytes(sum[:]).Cmp(want) != 0 {
			t.Fatalf("sum %X, want %X", sum, want)
		}
	})
}
