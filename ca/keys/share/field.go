package share

// The field of 256 elements of AES (FIPS 197 §4.2): addition is exclusive or,
// multiplication is modulo x⁸+x⁴+x³+x+1. Nothing here branches or looks up by a
// secret.

// multiply is the product of two elements.
func multiply(a, b byte) (product byte) {
	for range 8 {
		product ^= a & -(b & 1)
		a = a<<1 ^ 0x1B&-(a>>7)
		b >>= 1
	}
	return product
}

// invert is the inverse of an element: its 254th power; 0 for 0.
func invert(a byte) byte {
	result, power := byte(1), a
	for range 7 { // 254 = 2+4+8+16+32+64+128
		power = multiply(power, power)
		result = multiply(result, power)
	}
	return result
}

// evaluate is the value of a polynomial at a place, coefficients from the
// constant up.
func evaluate(coefficients []byte, at byte) (value byte) {
	for i := len(coefficients) - 1; i >= 0; i-- {
		value = multiply(value, at) ^ coefficients[i]
	}
	return value
}

// interpolate is the value at 0 of the polynomial through some points, whose
// places differ and are not 0.
func interpolate(places, values []byte) (value byte) {
	for i, x := range places {
		weight := byte(1)
		for j, other := range places {
			if i != j {
				weight = multiply(weight, multiply(other, invert(other^x)))
			}
		}
		value ^= multiply(weight, values[i])
	}
	return value
}
