// refused 5: floating-point type
package inkan.lang.doubles;

public class Case {
    static short f(short a) { double x = a; return (short) x; }
}
