package exp

import "fmt"

// members lists what a file exports.
func members(f *File) (list []string) {
	for i := range f.Classes {
		c := &f.Classes[i]
		name := f.Name(c.NameIndex)
		for j := range c.Fields {
			x := &c.Fields[j]
			line := fmt.Sprintf("%s.%s %s %d", name, f.Name(x.NameIndex), f.Name(x.DescriptorIndex), x.Token)
			if v, ok := f.ConstantValue(x); ok {
				line += fmt.Sprintf(" = %d", v)
			}
			list = append(list, line)
		}
		for _, m := range c.Methods {
			list = append(list, fmt.Sprintf("%s.%s%s %d", name, f.Name(m.NameIndex), f.Name(m.DescriptorIndex), m.Token))
		}
	}
	return list
}
