package main

// raw is a profile as it was recorded.
type raw struct {
	texts     []string
	functions map[uint64]map[uint64]uint64   // fields, by ID
	places    map[uint64][]map[uint64]uint64 // fields of the lines, by ID
	samples   [][2][]uint64                  // places and values
}

// parse reads a message Profile.
func parse(b []byte) (*raw, error) {
	r := &raw{functions: map[uint64]map[uint64]uint64{}, places: map[uint64][]map[uint64]uint64{}}
	err := fields(b, func(field, _ uint64, data []byte) (err error) {
		switch field {
		case 2:
			err = r.sample(data)
		case 4:
			err = r.place(data)
		case 5:
			var f map[uint64]uint64
			if f, err = numbered(data); err == nil {
				r.functions[f[1]] = f
			}
		case 6:
			r.texts = append(r.texts, string(data))
		}
		return err
	})
	return r, err
}

func (r *raw) sample(b []byte) error {
	var s [2][]uint64
	err := fields(b, func(field, number uint64, data []byte) (err error) {
		if field != 1 && field != 2 {
			return nil
		}
		list := &s[field-1]
		if data == nil { // of two or fewer each may be a field by itself
			*list = append(*list, number)
			return nil
		}
		*list, err = numbers(data)
		return err
	})
	r.samples = append(r.samples, s)
	return err
}

func (r *raw) place(b []byte) error {
	id, lines := uint64(0), []map[uint64]uint64(nil)
	err := fields(b, func(field, number uint64, data []byte) error {
		switch field {
		case 1:
			id = number
		case 4:
			line, err := numbered(data)
			if err != nil {
				return err
			}
			lines = append(lines, line)
		}
		return nil
	})
	r.places[id] = lines
	return err
}
