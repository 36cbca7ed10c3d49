// refused 5: class literal
package inkan.lang.literal;

public class Case {
    static Object f() { return Case.class; }
}
