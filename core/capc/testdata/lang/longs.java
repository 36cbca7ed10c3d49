// refused 5: type long
package inkan.lang.longs;

public class Case {
    static short f(short a) { long x = a; return (short) (x >> 3); }
}
