//! The screens: one bundle for the browser and for the window of the desktop program.

mod app;
mod block;
mod carrier;
mod desk;
mod dom;
mod light;
mod pages;
mod parts;
mod route;
mod words;
mod written;

fn main() {
    yew::Renderer::<app::App>::new().render();
}
