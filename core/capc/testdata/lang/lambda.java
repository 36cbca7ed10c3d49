// refused 0: lambda
package inkan.lang.lambda;

public class Case {
    interface F { short f(short x); }
    static short f() { F f = x -> x; return f.f((short) 1); }
}
