// refused 4: method with a body in an interface
package inkan.lang.defaults;

public interface Case { default short f() { return 1; } }
