package certificate

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMunicipalities(t *testing.T) {
	all := Municipalities()
	if len(all) < 20 {
		t.Fatalf("%d municipalities, want at least 20", len(all))
	}
	partitions := map[string]bool{}
	for i, m := range all {
		if err := m.Check(); err != nil {
			t.Error(err)
		}
		if i > 0 && m.Code <= all[i-1].Code {
			t.Errorf("%s after %s", m.Code, all[i-1].Code)
		}
		if partitions[m.Partition()] {
			t.Errorf("two municipalities share partition %s", m.Partition())
		}
		partitions[m.Partition()] = true
		for _, a := range Authorities() {
			name, err := PartitionName(a, m.Partition())
			if err != nil {
				t.Fatal(err)
			}
			back, partition, err := PartitionOf(name)
			if err != nil || back != a || partition != m.Partition() {
				t.Errorf("PartitionOf(%s) = %v %q %v", name, back, partition, err)
			}
			back, partition, err = ParseCRLPath(CRLPath(a, m.Partition()))
			if err != nil || back != a || partition != m.Partition() {
				t.Errorf("ParseCRLPath(%s) = %v %q %v", CRLPath(a, m.Partition()), back, partition, err)
			}
			read, err := ParseName(name.AppendDER(nil))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(name, read); diff != "" {
				t.Error(diff)
			}
		}
	}
}
